using System.Buffers;

namespace MailServer.Network.Listeners;

/// <summary>The reply to a client that the <see cref="ConnectionGate"/> did not admit (RFC 5321 §3.8 and RFC 3463 §3.8; RFC 9051 §7.1.5; RFC 5804 §1.3).</summary>
internal static class RefusalGreeting
{
    public static void Write(IBufferWriter<byte> output, ListenerKind kind, ConnectionAdmission admission) => output.Write((kind.Protocol, admission) switch
    {
        (ListenerProtocol.Imap, ConnectionAdmission.TooManyFromAddress) => "* BYE [LIMIT] Too many connections from your address\r\n"u8,
        (ListenerProtocol.Imap, ConnectionAdmission.Banned) => "* BYE [UNAVAILABLE] Too many failures from your address, try again later\r\n"u8,
        (ListenerProtocol.Imap, _) => "* BYE [UNAVAILABLE] Too many connections, try again later\r\n"u8,
        (ListenerProtocol.ManageSieve, ConnectionAdmission.TooManyFromAddress) => "BYE (TRYLATER) \"Too many connections from your address\"\r\n"u8,
        (ListenerProtocol.ManageSieve, ConnectionAdmission.Banned) => "BYE (TRYLATER) \"Too many failures from your address, try again later\"\r\n"u8,
        (ListenerProtocol.ManageSieve, _) => "BYE (TRYLATER) \"Too many connections, try again later\"\r\n"u8,
        (_, ConnectionAdmission.Banned) => "421 4.7.0 Too many failures from your address, try again later\r\n"u8,
        (_, ConnectionAdmission.TooManyFromAddress) => "421 4.7.0 Too many connections from your address\r\n"u8,
        _ => "421 4.3.2 Too many connections, try again later\r\n"u8,
    });
}
