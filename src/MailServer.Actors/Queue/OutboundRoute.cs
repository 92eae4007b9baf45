using MailServer.Protocol.Smtp.Client;

namespace MailServer.Actors.Queue;

/// <summary>A host that receives mail instead of the domain's mail exchangers; no MX lookup is made for its name.</summary>
/// <param name="Host">A name or an IP address.</param>
/// <param name="Port">The TCP port; 465 uses implicit TLS (RFC 8314 §3.3).</param>
/// <param name="Credentials">Login for SMTP AUTH; null: none.</param>
public sealed record RelayHost(string Host, int Port, SmtpCredentials? Credentials = null)
{
    private const int Submissions = 465;

    public bool ImplicitTls => Port == Submissions;
}

/// <summary>Sends mail for some domains to a specific host (<c>delivery.routes</c>).</summary>
/// <param name="Domain">A domain; with a leading dot, its subdomains; <c>*</c>: every domain.</param>
/// <param name="Host">The host.</param>
public sealed record OutboundRoute(string Domain, RelayHost Host)
{
    /// <summary>How specifically it matches; 0 when it does not. The domain itself ranks above a parent domain, and that above <c>*</c>.</summary>
    public int Fit(string domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (Domain == domain) return int.MaxValue;
        var isBelow = Domain is ['.', ..] && domain.EndsWith(Domain, StringComparison.Ordinal);
        return isBelow ? Domain.Length : Domain == "*" ? 1 : 0;
    }
}
