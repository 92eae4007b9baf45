using System.Security.Cryptography;
using MailServer.Storage.Directory;

namespace MailServer.Storage.Tests.Directory;

public sealed class PasswordHasherTests
{
    private static readonly PasswordHasher Hasher = new(DirectoryFixture.Cheap);

    [Fact]
    public void Only_the_password_matches_its_hash()
    {
        var stored = Hasher.Hash("correct horse 9");
        Assert.StartsWith("$argon2id$v=19$m=64,t=1,p=1$", stored.Hash, StringComparison.Ordinal);
        Assert.True(PasswordHasher.Verify("correct horse 9", stored.Hash));
        Assert.False(PasswordHasher.Verify("correct horse 8", stored.Hash));
        Assert.False(PasswordHasher.Verify("", stored.Hash));
        Assert.NotEqual(stored.Hash, Hasher.Hash("correct horse 9").Hash);
    }

    [Fact]
    public void A_hash_made_by_another_program_is_verified()
    {
        // argon2 of Debian: echo -n password | argon2 somesalt -id -t 2 -m 8 -p 1 -l 32 -e
        Assert.True(PasswordHasher.Verify("password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"));
    }

    [Fact]
    public void The_shipped_cost_is_64_MiB_and_3_passes()
    {
        var stored = new PasswordHasher(new PasswordHasherOptions()).Hash("x");
        Assert.StartsWith("$argon2id$v=19$m=65536,t=3,p=1$", stored.Hash, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hash_that_is_cheaper_than_configured_needs_rehashing()
    {
        var hash = Hasher.Hash("x").Hash;
        Assert.False(Hasher.NeedsRehash(hash));
        Assert.True(new PasswordHasher(DirectoryFixture.Cheap with { Passes = 2 }).NeedsRehash(hash));
        Assert.True(new PasswordHasher(DirectoryFixture.Cheap with { MemoryKib = 128 }).NeedsRehash(hash));
        Assert.False(Hasher.NeedsRehash(new PasswordHasher(DirectoryFixture.Cheap with { MemoryKib = 128 }).Hash("x").Hash));
        Assert.True(Hasher.NeedsRehash("{SSHA}old"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("$argon2id$v=19$m=9999999999,t=1,p=1$c29tc2FsdHNhbHQ$AAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=64,t=0,p=1$c29tc2FsdHNhbHQ$AAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=64,t=1,p=1$c29tc2FsdHNhbHQ$")]
    [InlineData("$argon2id$v=19$m=64,t=1,p=1$!!$AAAAAAAAAAAAAAAA")]
    public void A_damaged_hash_matches_no_password(string hash) => Assert.False(PasswordHasher.Verify("x", hash));

    /// <summary>Stored hashes of every kind, made with a cost or written out.</summary>
    private static readonly (string Kind, string Hash)[] Stored =
    [
        ("as configured", Made(256, 3)), ("one pass", Made(256, 1)), ("less memory", Made(64, 3)), ("both", Made(19, 2)), ("least", Made(8, 1)), ("more passes, less memory", Made(100, 5)),
        ("slightly cheaper", Made(255, 3)), ("dearer", Made(256, 6)), ("more memory", Made(512, 3)), ("much dearer", Made(1_024, 3)), ("two lanes", Made(64, 2, 2)),
        ("none", ""), ("of another kind", "{SSHA}old"), ("damaged", "$argon2id$v=19$m=64,t=1,p=1$!!$AAAAAAAAAAAAAAAA"), ("unknown login", "\0"),
    ];

    [Fact]
    public void Every_comparison_does_the_same_work_whatever_the_stored_hash_cost()
    {
        const int Configured = 256 * 3;
        var hasher = new PasswordHasher(DirectoryFixture.Cheap with { MemoryKib = 256, Passes = 3 });
        var work = 0L;
        Argon2Hash.WorkWatcher.Value = w => work += w;
        var highest = (long)Configured;
        foreach (var (kind, hash) in Stored)
            foreach (var password in new[] { "wrong", "x" })
            {
                if (Argon2Hash.TryParse(hash, out var parsed)) highest = Math.Max(highest, parsed.Work);
                work = 0;
                Assert.Equal(password == "x" && parsed is not null, hasher.VerifyAtEqualCost(password, hash));
                // Rounded to whole passes, at least 8 KiB each.
                Assert.True(work <= highest && work > highest - 8, $"{kind}, {password}: {work} of {highest}");
            }

        Assert.Equal(4 * Configured, highest);
    }

    [Fact]
    public void An_extremely_dear_hash_does_not_make_other_comparisons_as_dear()
    {
        var hasher = new PasswordHasher(DirectoryFixture.Cheap with { MemoryKib = 64, Passes = 1 });
        var dear = Made(1_024, 1);
        var work = 0L;
        Argon2Hash.WorkWatcher.Value = w => work += w;
        hasher.VerifyAtEqualCost("wrong", dear);
        Assert.Equal(1_024, work);
        work = 0;
        hasher.VerifyAtEqualCost("wrong", "");
        Assert.Equal(4 * 64, work);
    }

    private static string Made(int memory, int passes, int lanes = 1) => new PasswordHasher(DirectoryFixture.Cheap with { MemoryKib = memory, Passes = passes, Parallelism = lanes }).Hash("x").Hash;

    // RFC 7677 §3
    [Fact]
    public void Scram_keys_verify_the_proof_of_a_client()
    {
        var keys = Hasher.Hash("pencil").Scram;
        var salted = Rfc2898DeriveBytes.Pbkdf2("pencil", keys.Salt.Span, keys.Iterations, HashAlgorithmName.SHA256, 32);
        Assert.True(keys.StoredKey.Span.SequenceEqual(SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8))));
        Assert.True(keys.ServerKey.Span.SequenceEqual(HMACSHA256.HashData(salted, "Server Key"u8)));
        Assert.True(keys.Iterations >= 4096);
    }

    // RFC 4013 §3
    [Theory]
    [InlineData("I\u00ADX", "IX")]
    [InlineData("\u00AA", "a")]
    [InlineData("\u2168", "IX")]
    [InlineData("a\u00A0b", "a b")]
    [InlineData("\u212Bngström", "Ångström")]
    public void Equivalent_spellings_of_a_password_match(string typed, string same) => Assert.True(PasswordHasher.Verify(typed, Hasher.Hash(same).Hash));

    [Theory]
    [InlineData("")]
    [InlineData("\u0007")]
    [InlineData("a\u00ADb\u0085")]
    [InlineData("\uE000")]
    [InlineData("\uD800")]
    public void A_password_with_untypable_characters_is_refused(string password)
    {
        Assert.False(PasswordHasher.IsAcceptable(password));
        Assert.Throws<ArgumentException>(() => Hasher.Hash(password));
    }

    [Fact]
    public void A_password_is_at_most_1024_octets()
    {
        Assert.True(PasswordHasher.IsAcceptable(new string('x', 1024)));
        Assert.False(PasswordHasher.IsAcceptable(new string('x', 1025)));
        Assert.False(PasswordHasher.IsAcceptable(new string('ü', 513)));
    }

    [Fact]
    public void The_stored_hash_never_appears_in_logs() => Assert.DoesNotContain("argon2", Hasher.Hash("x").ToString(), StringComparison.Ordinal);
}
