using MailServer.Domain;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Imap;

/// <summary>The settings and connection properties of an <c>ImapSession</c>.</summary>
public sealed record ImapSessionOptions
{
    /// <summary>The server's host name, for the greeting.</summary>
    public required string Hostname { get; init; }

    /// <summary>Identifies the session in logs.</summary>
    public required string SessionId { get; init; }

    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>Refuses passwords on a connection without TLS.</summary>
    public bool RequireTls { get; init; } = true;

    /// <summary>Receives events of the session for monitoring.</summary>
    public ISessionObserver Observer { get; init; } = NullSessionObserver.Instance;

    /// <summary>Capabilities that are not announced, and whose commands are refused.</summary>
    public DisabledCapabilities Disabled { get; init; } = new();

    /// <summary>Whether STARTTLS is offered.</summary>
    public bool TlsAvailable { get; init; } = true;

    /// <summary>The TLS parameters of a connection that started with TLS; null on a plain one.</summary>
    public TlsInfo? Tls { get; init; }

    /// <summary>The response to ID (RFC 2971): the server's name, then its version.</summary>
    public IReadOnlyList<string>? ServerId { get; init; }
}
