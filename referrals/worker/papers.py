"""The worker's part in documents: has them looked at by the scanner, and clears away files that belong to none."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from referrals.models.storage import Store
from referrals.pathway.scanning import Scanner, Verdicts, look_at_unseen, unclaimed_files

log = structlog.get_logger("referrals.worker")


@dataclass(frozen=True, slots=True)
class Papers:
    """Where the files lie, and who looks at them; nobody, where no scanner is set."""

    store: Store
    scanner: Scanner | None = None

    def looked_at(self, session: Session, now: datetime) -> Verdicts:
        """What the scanner says of the next few. A scanner that does not answer is told of in every round."""
        if self.scanner is None:
            return {}
        verdicts = look_at_unseen(session, self.store, self.scanner)
        if None in verdicts.values():
            log.warning("the scanner gave no verdict")
        return verdicts

    def cleared(self, session: Session, now: datetime) -> int:
        """Files without a document are gone; how many."""
        unclaimed = list(unclaimed_files(session, self.store, now))
        for key in unclaimed:
            self.store.remove(key)
        return len(unclaimed)
