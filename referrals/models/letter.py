"""What a clinician has released to the patient."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from referrals.models.base import Base, Key, Name, to
from referrals.models.opinion import Opinion


class SummaryRelease(Base):
    """The patient may read the plain-language summary of this version; an amended one is released anew."""

    __tablename__ = "summary_release"
    __table_args__ = (UniqueConstraint("opinion_id"),)

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    opinion_id: Mapped[UUID] = to("opinion")
    user_id: Mapped[UUID] = to("user_account")
    user_name: Mapped[Name]
    at: Mapped[datetime]

    opinion: Mapped[Opinion] = relationship(lazy="raise")
