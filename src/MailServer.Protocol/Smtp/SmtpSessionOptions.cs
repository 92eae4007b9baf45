using System.Net;
using MailServer.Domain;
using MailServer.Domain.Delivery;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Smtp;

/// <summary>The settings and connection properties of an <c>SmtpSession</c>.</summary>
public sealed record SmtpSessionOptions
{
    /// <summary>The server's host name.</summary>
    public required string Hostname { get; init; }

    public required string SessionId { get; init; }

    public required SessionPolicy Policy { get; init; }

    public required IPAddress RemoteAddress { get; init; }

    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>For submission only: requires TLS for authentication and sending. Port 25 must accept mail without TLS (RFC 3207 §4).</summary>
    public bool RequireTls { get; init; }

    /// <summary>Receives events of the session for monitoring.</summary>
    public ISessionObserver Observer { get; init; } = NullSessionObserver.Instance;

    /// <summary>Whether STARTTLS can be offered.</summary>
    public bool TlsAvailable { get; init; }

    /// <summary>The TLS parameters of a connection that started with TLS (port 465); otherwise null.</summary>
    public TlsInfo? Tls { get; init; }

    /// <summary>The current time, from which HOLDFOR and BY are counted (RFC 4865, RFC 2852). The session's only use of the time.</summary>
    public Func<DateTimeOffset> Now { get; init; } = static () => DateTimeOffset.UnixEpoch;

    /// <summary>Supplies the server part of SCRAM nonces; random when null.</summary>
    public Func<string>? ServerNonce { get; init; }
}
