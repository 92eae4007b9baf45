namespace MailServer.Domain;

// Limits of the mail filtering scripts of an account. The limits of one run are in the interpreter.
public sealed partial record Limits
{
    /// <summary>Maximum number of Sieve scripts per account.</summary>
    public int Scripts { get; init; } = 100;

    /// <summary>Maximum size of one script.</summary>
    public int ScriptSize { get; init; } = 512 * 1024;

    /// <summary>Maximum size of all scripts of an account together.</summary>
    public long ScriptOctets { get; init; } = 4 * 1024 * 1024;

    /// <summary>Maximum length of a script's name in UTF-8: enough for the 128 characters that RFC 5804 §1.6 requires.</summary>
    public int ScriptName { get; init; } = 512;

    /// <summary>Maximum number of marks that the scripts of an account leave (<c>duplicate</c>, <c>vacation</c>); beyond that those that end first are removed.</summary>
    public int ScriptMarks { get; init; } = 20_000;

    /// <summary>Maximum number of folders that scripts create for an account in an hour; further mail for missing folders goes to INBOX.</summary>
    public int ScriptFoldersPerHour { get; init; } = 20;

    /// <summary>Maximum number of deliveries to one account that wait for a script; more are refused temporarily.</summary>
    public int ScriptedDeliveries { get; init; } = 500;

    /// <summary>How long a delivery waits for the directory, the address book or the spool before it is refused temporarily.</summary>
    public TimeSpan ScriptWait { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>ManageSieve: maximum size of a command with its literals before sign-in: enough for the longest response to a challenge in base64.</summary>
    public int ManageSieveSignIn { get; init; } = 16_384;

    /// <summary>ManageSieve: maximum size of what a command has beside a script of <see cref="ScriptSize"/>.</summary>
    public int ManageSieveWords { get; init; } = 8_192;

    /// <summary>ManageSieve: maximum size of a command that is read to its end and refused; more closes the connection.</summary>
    public long ManageSieveDiscarded { get; init; } = 16 * 1024 * 1024;

    /// <summary>ManageSieve: maximum number of words of a command.</summary>
    public int ManageSieveArguments { get; init; } = 16;

    /// <summary>ManageSieve: inactivity after which an authenticated session is closed (RFC 5804 §1.4 requires at least 30 minutes).</summary>
    public TimeSpan ManageSieveInactivityTimeout { get; init; } = TimeSpan.FromMinutes(35);

    /// <summary>ManageSieve: time within which a client must authenticate.</summary>
    public TimeSpan ManageSieveLoginTimeout { get; init; } = TimeSpan.FromMinutes(2);
}
