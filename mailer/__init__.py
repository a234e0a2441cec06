"""Postroom: readers subscribe, editors release an issue, workers mail each reader once.

The words of the house, one per thing:

newsletter     what one subscribes to: title, sender, language, topics, schedules
topic          a section of a newsletter that a reader may choose
schedule       a rhythm of a newsletter
slot           one due moment of a schedule; ends in an issue or in a written reason
subscriber     one address ("reader" in texts for readers)
subscription   a subscriber's consent to one newsletter: pending, active, paused, unsubscribed
consent record append-only proof: wording shown, page, time, network, confirmation
letter         a mail of the house to one person: a confirmation, a reminder, a way in
suppression    an address nobody may mail, with the reason
source         where articles come from
article        one thing to read, known by its canonical address
issue          one dated edition of a newsletter: draft, sending, paused, sent, cancelled
edition        the variant of an issue for readers who see the same articles; rendered once
delivery       one issue to one subscriber
accepted       the relay answered 250; nobody can know "delivered"
uncertain      the connection or process died while the relay might have taken it
claim, record  take deliveries before the wire, write what happened after it
relay          an SMTP server we hand mail to
"""
