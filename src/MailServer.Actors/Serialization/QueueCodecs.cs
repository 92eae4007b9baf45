using MailServer.Actors.Queue;
using MailServer.Domain.Delivery;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for messages to the outbound queue and its replies.</summary>
internal static class QueueCodecs
{
    public static IEnumerable<WireCodec> All() =>
    [
        Create<QueueProtocol.Enqueue>("queue.enqueue-1", (w, m) => Write(w, m.Item), r => new(ReadItem(r))),
        Create<QueueProtocol.Enqueued>("queue.enqueued-1", (w, m) => { w.Text(m.Message.Value); w.Bool(m.Taken); }, r => new(r.SpoolName(), r.Bool())),
        Create<QueueProtocol.Unavailable>("queue.unavailable-1", (w, m) => { w.Text(m.Message.Value); w.Bool(m.MayHaveIt); }, r => new(r.SpoolName(), r.Bool())),
        Create<QueueProtocol.List>("queue.list-1", (w, m) => { w.Int(m.Partition); w.Int(m.Max); }, r => new(r.Int(), r.Int())),
        Create<QueueProtocol.Search>(
            "queue.search-1",
            (w, m) => { w.Int(m.Partition); w.Int(m.Max); w.MaybeValue(m.After, i => w.Text(i.Value)); Write(w, m.Filter); },
            r => new(r.Int(), r.Int(), r.MaybeValue(r.SpoolName), ReadFilter(r))),
        Create<QueueProtocol.Listed>("queue.listed-1", (w, m) => { w.List(m.Items, i => Write(w, i)); w.Int(m.Count); }, r => new(r.List(() => ReadItem(r)), r.Int())),
        Create<QueueProtocol.Change>("queue.change-1", (w, m) => { w.Text(m.Message.Value); w.Enum(m.What); }, r => new(r.SpoolName(), r.Enum<QueueChange>())),
        Create<QueueProtocol.Changed>("queue.changed-2", (w, m) => { w.Enum(m.Outcome); w.Int(m.Recipients); }, r => new(r.Enum<QueueChangeOutcome>(), r.Int())),
        // Sent by a node with an older version, which tells only whether the message was found.
        Create<QueueProtocol.Changed>(
            "queue.changed-1", static (_, _) => throw new NotSupportedException(), r => new(r.Bool() ? QueueChangeOutcome.Changed : QueueChangeOutcome.NotQueued, 0)),
        Create<QueueProtocol.GetMessage>("queue.trace-1", (w, m) => w.Text(m.Message.Value), r => new(r.SpoolName())),
        Create<QueueProtocol.MessageFound>(
            "queue.traced-1", (w, m) => { w.Text(m.Message.Value); w.Maybe(m.Item, i => Write(w, i)); }, r => new(r.SpoolName(), r.Maybe(() => ReadItem(r)))),
        Create<QueueProtocol.FindUnknown>(
            "queue.find-1", (w, m) => { w.Int(m.Partition); w.List(m.Messages, i => w.Text(i.Value)); }, r => new(r.Int(), r.List(r.SpoolName))),
        Create<QueueProtocol.UnknownMessages>(
            "queue.unknown-2",
            (w, m) => { w.Int(m.Partition); w.List(m.Messages, i => w.Text(i.Value)); w.List(m.Asked, i => w.Text(i.Value)); },
            r => new(r.Int(), r.List(r.SpoolName), r.List(r.SpoolName))),
        // Sent by a node with an older version, without the list of queried messages; that node is queried again after its upgrade.
        Create<QueueProtocol.UnknownMessages>("queue.unknown-1", static (_, _) => throw new NotSupportedException(), r => new(r.Int(), r.List(r.SpoolName), [])),
    ];

    private static void Write(WireWriter w, QueueFilter filter)
    {
        w.Maybe(filter.To, w.Text);
        w.Maybe(filter.From, w.Text);
        w.Maybe(filter.Domain, w.Text);
        w.Maybe(filter.Reason, w.Text);
        w.MaybeValue(filter.QueuedBefore, w.Time);
    }

    private static QueueFilter ReadFilter(WireReader r) =>
        new() { To = r.Maybe(r.Text), From = r.Maybe(r.Text), Domain = r.Maybe(r.Text), Reason = r.Maybe(r.Text), QueuedBefore = r.MaybeValue(r.Time) };

    // The journal's format of an item, which has its own versions.
    private static void Write(WireWriter w, QueueItem item)
    {
        using var writer = new QueueWriter();
        writer.Write(item);
        w.Bytes(writer.ToArray());
    }

    private static QueueItem ReadItem(WireReader r)
    {
        using var reader = new QueueReader(r.Bytes().ToArray());
        return reader.ReadItem();
    }
}
