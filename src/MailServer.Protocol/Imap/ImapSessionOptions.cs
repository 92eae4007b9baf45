using MailServer.Domain;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Imap;

/// <summary>What an <see cref="ImapSession"/> is told of its connection when it begins.</summary>
public sealed record ImapSessionOptions
{
    /// <summary>The name of this server, for the greeting.</summary>
    public required string Hostname { get; init; }

    /// <summary>Names the session in logs.</summary>
    public required string SessionId { get; init; }

    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>Passwords are refused before TLS.</summary>
    public bool RequireTls { get; init; } = true;

    /// <summary>Is told of the conversation.</summary>
    public IConversationObserver Observer { get; init; } = NoObserver.Instance;

    /// <summary>STARTTLS is offered.</summary>
    public bool TlsAvailable { get; init; } = true;

    /// <summary>The TLS that the connection began with; null on a plain one.</summary>
    public TlsInfo? Tls { get; init; }

    /// <summary>What ID answers (RFC 2971): the name, then the version.</summary>
    public IReadOnlyList<string>? ServerId { get; init; }
}
