namespace MailServer.Storage.Directory;

/// <summary>The cost of password hashes (RFC 9106 §4 recommends 64 MiB and 3 passes where memory is limited).</summary>
public sealed record PasswordHasherOptions
{
    /// <summary>Memory per Argon2id computation, in KiB.</summary>
    public int MemoryKib { get; init; } = 64 * 1024;

    /// <summary>Number of passes over the memory.</summary>
    public int Passes { get; init; } = 3;

    /// <summary>Number of lanes, each computed by its own thread.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>PBKDF2 iterations of SCRAM-SHA-256 (RFC 7677 §4 requires at least 4,096); clients compute them at every sign-in.</summary>
    public int ScramIterations { get; init; } = 10_000;
}
