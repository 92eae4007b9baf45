using MailServer.Actors.History;
using MailServer.Domain.Measurements;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for requests of the history of all nodes.</summary>
internal static class HistoryCodecs
{
    public static IEnumerable<WireCodec> All() =>
    [
        Create<HistoryProtocol.Read>("history.read-1", (w, m) => w.Enum(m.Span), r => new(r.Enum<HistorySpan>())),
        Create<HistoryProtocol.Points>("history.points-1", (w, m) => w.List(m.Values, p => Write(w, p)), r => new(r.List(() => Read(r)))),
    ];

    private static void Write(WireWriter w, HistoryPoint point)
    {
        var values = point.Values;
        w.Time(point.At);
        foreach (var value in (long[])[values.Received, values.Sent, values.Refused, values.OctetsIn, values.OctetsOut, values.Queued, values.SignIns, values.RefusedSignIns]) w.Long(value);
    }

    private static HistoryPoint Read(WireReader r) => new(r.Time(), new HistoryValues(r.Long(), r.Long(), r.Long(), r.Long(), r.Long(), r.Long(), r.Long(), r.Long()));
}
