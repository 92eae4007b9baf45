namespace MailServer.Storage.Directory;

/// <summary>The cost of a password hash (RFC 9106 §4 recommends 64 MiB and 3 passes where memory is scarce).</summary>
public sealed record PasswordHasherOptions
{
    /// <summary>Memory of one Argon2id computation, in KiB.</summary>
    public int MemoryKib { get; init; } = 64 * 1024;

    /// <summary>Passes over that memory.</summary>
    public int Passes { get; init; } = 3;

    /// <summary>Lanes, each computed by a thread of its own.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>PBKDF2 iterations of SCRAM-SHA-256 (RFC 7677 §4 asks for at least 4,096); the client computes them at every sign-in.</summary>
    public int ScramIterations { get; init; } = 10_000;
}
