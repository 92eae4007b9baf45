using MailServer.Actors.Cluster;
using static MailServer.Actors.Serialization.WireForms;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for cluster administration.</summary>
internal static class ClusterForms
{
    public static IEnumerable<WireForm> All() =>
    [
        Form<ClusterProtocol.Put>("cluster.put-1", (w, m) => { w.Text(m.Type); w.Text(m.Shard); w.Text(m.Node); }, r => new(r.Text(), r.Text(), r.Text())),
        Empty("cluster.what-is-here-1", ClusterProtocol.WhatIsHere.Instance),
        Form<ClusterProtocol.Places>(
            "cluster.places-1",
            (w, m) => w.List(m.Shards, s => { w.Text(s.Key); w.Int(s.Value); }),
            r => new(r.List(() => KeyValuePair.Create(r.Text(), r.Int())))),
        Form<ClusterProtocol.Happened>("cluster.happened-1", (w, m) => Write(w, m.Event), r => new(ReadEvent(r))),
        Empty("cluster.recall-1", ClusterProtocol.Recall.Instance),
        Form<ClusterProtocol.Recalled>("cluster.recalled-1", (w, m) => w.List(m.Events, e => Write(w, e)), r => new(r.List(() => ReadEvent(r)))),
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
