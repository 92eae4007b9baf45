using System.Net;
using Akka.Actor;
using MailServer.Actors.Sessions;
using MailServer.Domain.Sessions;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for requests of the admin API to the session registries of all nodes.</summary>
internal static class SessionCodecs
{
    public static IEnumerable<WireCodec> All() =>
    [
        Create<SessionProtocol.List>("session.list-1", (w, m) => w.MaybeValue(m.Account, w.Account), r => new(r.MaybeValue(r.Account))),
        Create<SessionProtocol.Listed>("session.listed-1", (w, m) => w.List(m.Sessions, s => Write(w, s)), r => new(r.List(() => Read(r)))),
        Empty("session.count-1", new SessionProtocol.Count()),
        Create<SessionProtocol.Counted>(
            "session.counted-1",
            (w, m) => w.List(m.Sessions, s => { w.Text(s.Key); w.Int(s.Value); }),
            r => new(r.List(() => KeyValuePair.Create(r.Text(), r.Int())).ToDictionary(StringComparer.Ordinal))),
        Create<SessionProtocol.Kick>("session.kick-1", (w, m) => w.Text(m.Id), r => new(r.Text())),
        Create<SessionProtocol.Tail>("session.tail-1", (w, m) => { w.Text(m.Id); w.Ref(m.Watcher); }, r => new(r.Text(), r.Ref())),
        Create<SessionProtocol.SessionFound>("session.found-1", (w, m) => w.Maybe(m.Session.IsNobody() ? null : m.Session, w.Ref), r => new(r.Maybe(r.Ref) ?? ActorRefs.Nobody)),
        Create<SessionProtocol.TailLine>("session.line-1", (w, m) => { w.Time(m.At); w.Bool(m.FromClient); w.Text(m.Text); }, r => new(r.Time(), r.Bool(), r.Text())),
    ];

    private static void Write(WireWriter w, SessionDescription s)
    {
        w.Text(s.Id);
        w.Text(s.Listener);
        w.Text(s.Remote.ToString());
        w.Maybe(s.Tls, t => { w.Text(t.Protocol); w.Text(t.CipherSuite); w.Maybe(t.ServerName, w.Text); });
        w.Maybe(s.Account, w.Address);
        w.Maybe(s.Client, w.Text);
        w.Text(s.State);
        w.Maybe(s.Folder, w.Text);
        w.Maybe(s.LastCommand, w.Text);
        w.Time(s.StartedAt);
        w.MaybeValue(s.LastCommandAt, w.Time);
        w.Long(s.BytesIn);
        w.Long(s.BytesOut);
        w.MaybeValue(s.MailboxInbox, w.Int);
        w.Maybe(s.Node, w.Text);
        w.Maybe(s.MailboxNode, w.Text);
    }

    private static SessionDescription Read(WireReader r) => new()
    {
        Id = r.Text(),
        Listener = r.Text(),
        Remote = IPEndPoint.Parse(r.Text()),
        Tls = r.Maybe(() => new TlsInfo(r.Text(), r.Text(), r.Maybe(r.Text))),
        Account = r.Maybe(r.Address),
        Client = r.Maybe(r.Text),
        State = r.Text(),
        Folder = r.Maybe(r.Text),
        LastCommand = r.Maybe(r.Text),
        StartedAt = r.Time(),
        LastCommandAt = r.MaybeValue(r.Time),
        BytesIn = r.Long(),
        BytesOut = r.Long(),
        MailboxInbox = r.MaybeValue(r.Int),
        Node = r.Maybe(r.Text),
        MailboxNode = r.Maybe(r.Text),
    };
}
