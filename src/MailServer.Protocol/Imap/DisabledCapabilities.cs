using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Protocol.Imap;

/// <summary>Capabilities that are not announced, and whose commands are refused: to all clients, to those of an account, or to a program.</summary>
public sealed record DisabledCapabilities
{
    /// <summary>Disabled for everybody.</summary>
    public IReadOnlySet<string> ForAll { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Disabled for the clients of an account: its login and a capability.</summary>
    public IReadOnlyList<(EmailAddress Login, string Capability)> ForAccounts { get; init; } = [];

    /// <summary>Disabled for programs: the beginning of what a program says of itself (RFC 2971), its name and its version, and a capability.</summary>
    public IReadOnlyList<(string Program, string Capability)> ForClients { get; init; } = [];

    /// <summary>Whether a capability is disabled.</summary>
    /// <param name="capability">The capability, without a value.</param>
    /// <param name="account">The account that has signed in, if any.</param>
    /// <param name="client">What the program has said of itself, if anything.</param>
    public bool Contains(string capability, Account? account, string? client)
    {
        if (ForAll.Contains(capability)) return true;
        foreach (var (login, name) in ForAccounts)
            if (name == capability && account is not null && login.Key == account.Address.Key) return true;
        foreach (var (program, name) in ForClients)
            if (name == capability && client is not null && client.StartsWith(program, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}
