using MailServer.Domain;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.ManageSieve;

/// <summary>The settings and connection properties of a <c>ManageSieveSession</c>.</summary>
public sealed record ManageSieveSessionOptions
{
    /// <summary>The server's host name, for the greeting.</summary>
    public required string Hostname { get; init; }

    /// <summary>The program's name, for the capability IMPLEMENTATION.</summary>
    public string Implementation { get; init; } = "mailserver";

    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>Refuses passwords on a connection without TLS.</summary>
    public bool RequireTls { get; init; } = true;

    /// <summary>Whether STARTTLS is offered.</summary>
    public bool TlsAvailable { get; init; } = true;

    /// <summary>The TLS parameters of a connection that started with TLS; null on a plain one.</summary>
    public TlsInfo? Tls { get; init; }

    /// <summary>Receives events of the session for monitoring.</summary>
    public ISessionObserver Observer { get; init; } = NullSessionObserver.Instance;
}
