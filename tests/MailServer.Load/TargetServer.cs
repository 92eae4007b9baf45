using System.Globalization;

namespace MailServer.Load;

/// <summary>The server under load: where it listens and who lives there. It is known by nothing but its protocols.</summary>
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

/// <summary>What the server did was wrong: refused, lost, doubled. The run is void.</summary>
internal sealed class LoadException(string message) : Exception(message);
