"""What surrounds a run on this computer: timers, mail, a webhook, files of figures."""
