using System.Buffers;

namespace MailServer.Network.Listeners;

/// <summary>The reply to a client that the <see cref="ConnectionGate"/> did not admit (RFC 5321 §3.8 and RFC 3463 §3.8; RFC 9051 §7.1.5).</summary>
internal static class RefusalGreeting
{
    public static void Write(IBufferWriter<byte> output, ListenerKind kind, ConnectionAdmission admission) => output.Write((kind.IsImap, admission) switch
    {
        (true, ConnectionAdmission.TooManyFromAddress) => "* BYE [LIMIT] Too many connections from your address\r\n"u8,
        (true, ConnectionAdmission.Banned) => "* BYE [UNAVAILABLE] Too many failures from your address, try again later\r\n"u8,
        (false, ConnectionAdmission.Banned) => "421 4.7.0 Too many failures from your address, try again later\r\n"u8,
        (true, _) => "* BYE [UNAVAILABLE] Too many connections, try again later\r\n"u8,
        (false, ConnectionAdmission.TooManyFromAddress) => "421 4.7.0 Too many connections from your address\r\n"u8,
        (false, _) => "421 4.3.2 Too many connections, try again later\r\n"u8,
    });
}
