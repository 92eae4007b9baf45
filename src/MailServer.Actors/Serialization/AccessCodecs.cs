using System.Net;
using MailServer.Actors.Access;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>The codec for results of sign-ins.</summary>
internal static class AccessCodecs
{
    public static IEnumerable<WireCodec> All() =>
    [
        Create<SignInConcluded>(
            "access.sign-in-1",
            (w, m) => { w.Bytes(m.Network.GetAddressBytes()); w.Text(m.Login); w.Bool(m.Succeeded); },
            r => new(Address(r), r.Text(), r.Bool())),
    ];

    private static IPAddress Address(WireReader r) =>
        r.Bytes() is { Length: 4 or 16 } bytes ? new IPAddress(bytes.Span) : throw new InvalidDataException("invalid message between nodes: invalid IP address");
}
