using MailServer.Actors.Cluster;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for cluster administration.</summary>
internal static class ClusterCodecs
{
    public static IEnumerable<WireCodec> All() =>
    [
        Create<ClusterProtocol.MoveShard>("cluster.put-1", (w, m) => { w.Text(m.Type); w.Text(m.Shard); w.Text(m.Node); }, r => new(r.Text(), r.Text(), r.Text())),
        Empty("cluster.what-is-here-1", ClusterProtocol.GetShardCounts.Instance),
        Create<ClusterProtocol.ShardCounts>(
            "cluster.places-1",
            (w, m) => w.List(m.Shards, s => { w.Text(s.Key); w.Int(s.Value); }),
            r => new(r.List(() => KeyValuePair.Create(r.Text(), r.Int())))),
        Create<ClusterProtocol.EventRecorded>("cluster.happened-1", (w, m) => Write(w, m.Event), r => new(ReadEvent(r))),
        Empty("cluster.recall-1", ClusterProtocol.GetEventHistory.Instance),
        Create<ClusterProtocol.EventHistory>("cluster.recalled-1", (w, m) => w.List(m.Events, e => Write(w, e)), r => new(r.List(() => ReadEvent(r)))),
    ];

    private static void Write(WireWriter w, ClusterEventDescription e)
    {
        w.Time(e.At);
        w.Enum(e.Kind);
        w.Text(e.Node);
        w.Text(e.SeenBy);
        w.Text(e.Text);
    }

    private static ClusterEventDescription ReadEvent(WireReader r) => new(r.Time(), r.Enum<ClusterEventKind>(), r.Text(), r.Text(), r.Text());
}
