using MailServer.Protocol.Smtp.Client;

namespace MailServer.Actors.Queue;

/// <summary>A host that mail is handed to instead of the domain's own mail exchangers; its name is not looked up as a domain of mail.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">465 speaks TLS from the first octet (RFC 8314 §3.3).</param>
/// <param name="Credentials">How to sign in; null: without.</param>
public sealed record RelayHost(string Host, int Port, SmtpCredentials? Credentials = null)
{
    private const int Submissions = 465;

    public bool ImplicitTls => Port == Submissions;
}

/// <summary>Mail for some domains goes to a host of its own (<c>delivery.routes</c>).</summary>
/// <param name="Domain">A domain; with a dot before it, all below it; <c>*</c>: every domain.</param>
/// <param name="Host">Where it goes.</param>
public sealed record OutboundRoute(string Domain, RelayHost Host)
{
    /// <summary>How well it fits, 0 when it does not: the domain itself is better than one above it, and that better than all.</summary>
    public int Fit(string domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (Domain == domain) return int.MaxValue;
        var isBelow = Domain is ['.', ..] && domain.EndsWith(Domain, StringComparison.Ordinal);
        return isBelow ? Domain.Length : Domain == "*" ? 1 : 0;
    }
}
