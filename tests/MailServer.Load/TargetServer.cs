using System.Globalization;

namespace MailServer.Load;

/// <summary>The server under load: its addresses and its users. It is used only through its protocols.</summary>
internal sealed record TargetServer
{
    public required string Host { get; init; }

    public required int SmtpPort { get; init; }

    public required int ImapPort { get; init; }

    public required int ImapsPort { get; init; }

    /// <summary>The addresses, with <c>{n}</c> for the number from 1 to <see cref="Users"/>; the address is the login.</summary>
    public required string Pattern { get; init; }

    public required int Users { get; init; }

    public required string Password { get; init; }

    public string User(int index) =>
        Pattern.Replace("{n}", ((index % Users) + 1).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}

/// <summary>The server misbehaved: it refused, lost or duplicated mail. The run is void.</summary>
internal sealed class LoadException(string message) : Exception(message);
