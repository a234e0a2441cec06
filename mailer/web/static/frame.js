// Tells the page around this frame how high the form is. Not of the root element: that cannot shrink.
new ResizeObserver(() => {
  parent.postMessage({ signupHeight: Math.ceil(document.body.getBoundingClientRect().height) }, "*");
}).observe(document.body);
