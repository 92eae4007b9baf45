using MailServer.Actors.Entities;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for the messages by which requests reach their actor.</summary>
internal static class OfferCodecs
{
    public static IEnumerable<WireCodec> All() =>
    [
        Create<OfferProtocol.Offer>(
            "offer.offer-1",
            (w, m) => { w.Long(m.Id); w.Bool(m.NeedsGrant); w.Int(m.Returns); w.Ref(m.Region); w.Message(m.Request); },
            r => new(r.Long(), r.Bool(), r.Int(), r.Ref(), r.Message<object>())),
        Create<OfferProtocol.Received>("offer.received-1", (w, m) => w.Long(m.Id), r => new(r.Long())),
        Create<OfferProtocol.Grant>("offer.grant-1", (w, m) => w.Long(m.Id), r => new(r.Long())),
        Create<OfferProtocol.Begun>("offer.begun-1", (w, m) => w.Long(m.Id), r => new(r.Long())),
        Create<OfferProtocol.Withdrawn>("offer.withdrawn-1", (w, m) => w.Long(m.Id), r => new(r.Long())),
        Create<OfferProtocol.Returned>(
            "offer.returned-1",
            (w, m) => { w.Long(m.Id); w.Int(m.Returns); w.Ref(m.Entity); w.Message(m.Request); },
            r => new(r.Long(), r.Int(), r.Ref(), r.Message<object>())),
    ];
}
