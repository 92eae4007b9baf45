using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace MailServer.Storage.Directory;

/// <summary>An Argon2id hash in the PHC string form: <c>$argon2id$v=19$m=65536,t=3,p=1$salt$hash</c>, base64 without padding.</summary>
internal sealed record Argon2Hash(int MemoryKib, int Passes, int Parallelism, byte[] Salt, byte[] Hash)
{
    private const int SaltLength = 16;
    private const int HashLength = 32;

    // RFC 9106 §3.1, for each lane.
    private const int MinMemoryKib = 8;

    // Upper bounds for the cost of a hash from a damaged or foreign database.
    private const int MaxMemoryKib = 1024 * 1024;
    private const int MaxPasses = 64;
    private const int MaxParallelism = 16;

    /// <summary>Called with the work of each computation; only for tests, which cannot measure it reliably otherwise.</summary>
    internal static AsyncLocal<Action<long>?> WorkWatcher { get; } = new();

    /// <summary>The work of computing this hash.</summary>
    public long Work => WorkOf(MemoryKib, Passes);

    /// <summary>The work of a computation, in KiB filled.</summary>
    public static long WorkOf(int memoryKib, int passes) => (long)memoryKib * passes;

    /// <summary>Does an amount of work with the memory of <paramref name="cost"/>, without a result.</summary>
    public static void Spend(string password, long work, PasswordHasherOptions cost)
    {
        while (work >= MinMemoryKib * cost.Parallelism)
        {
            var passes = (int)Math.Clamp((work + cost.MemoryKib - 1) / cost.MemoryKib, 1, MaxPasses);
            var memory = (int)Math.Min(cost.MemoryKib, work / passes);
            if (memory < MinMemoryKib * cost.Parallelism) return;
            Derive(password, memory, passes, cost.Parallelism, new byte[SaltLength], HashLength);
            work -= WorkOf(memory, passes);
        }
    }

    public static Argon2Hash Compute(string password, PasswordHasherOptions cost)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return new Argon2Hash(cost.MemoryKib, cost.Passes, cost.Parallelism, salt, Derive(password, cost.MemoryKib, cost.Passes, cost.Parallelism, salt, HashLength));
    }

    public bool Matches(string password) =>
        CryptographicOperations.FixedTimeEquals(Hash, Derive(password, MemoryKib, Passes, Parallelism, Salt, Hash.Length));

    /// <summary>True if computing this hash takes less memory or time than one with <paramref name="cost"/>.</summary>
    public bool IsCheaperThan(PasswordHasherOptions cost) => MemoryKib < cost.MemoryKib || Work < WorkOf(cost.MemoryKib, cost.Passes);

    public static bool TryParse(string text, [NotNullWhen(true)] out Argon2Hash? hash)
    {
        hash = null;
        if (text.Split('$') is not ["", "argon2id", "v=19", var cost, var salt, var digest]) return false;
        if (cost.Split(',') is not [var m, var t, var p]) return false;
        if (!TryCost(m, "m=", MaxMemoryKib, out var memory) || !TryCost(t, "t=", MaxPasses, out var passes) || !TryCost(p, "p=", MaxParallelism, out var lanes)) return false;
        if (!TryDecode(salt, out var saltBytes) || !TryDecode(digest, out var hashBytes)) return false;
        hash = new Argon2Hash(memory, passes, lanes, saltBytes, hashBytes);
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"$argon2id$v=19$m={MemoryKib},t={Passes},p={Parallelism}${Encode(Salt)}${Encode(Hash)}");

    private static byte[] Derive(string password, int memoryKib, int passes, int parallelism, byte[] salt, int length)
    {
        WorkWatcher.Value?.Invoke(WorkOf(memoryKib, passes));
        var octets = Encoding.UTF8.GetBytes(password);
        if (parallelism == 1 && salt.Length == SaltLength)
        {
            // libsodium takes a third of the time and returns its memory to the system at once instead of filling the managed heap.
            var cost = new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = memoryKib, NumberOfPasses = passes };
            return PasswordBasedKeyDerivationAlgorithm.Argon2id(cost).DeriveBytes(octets, salt, length);
        }

        // Parameters that libsodium does not support, as in hashes imported from other servers.
        using var argon2 = new Konscious.Security.Cryptography.Argon2id(octets)
        {
            Salt = salt,
            MemorySize = memoryKib,
            Iterations = passes,
            DegreeOfParallelism = parallelism,
        };
        return argon2.GetBytes(length);
    }

    private static bool TryCost(string text, string name, int max, out int value)
    {
        value = 0;
        return text.StartsWith(name, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0 && value <= max;
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        var padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        if (!Convert.TryFromBase64String(padded, bytes, out var length) || length < 8) return false;
        bytes = bytes[..length];
        return true;
    }
}
