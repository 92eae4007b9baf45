using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using MailServer.Domain.Messages;
using MailServer.Protocol.MessageAuthentication;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using DkimSigner = MailServer.Protocol.MessageAuthentication.DkimSigner;

namespace MailServer.Protocol.Tests.MessageAuthentication;

public sealed class DkimTests
{
    private const string Message =
        "From: Joe <joe@example.org>\r\nTo: suzie@example.net\r\nSubject:  Is   dinner\r\n\tready? \r\nMime-Version: 1.0\r\nX-Other: y\r\n\r\n"
        + "Hi.  \r\n\r\nWe  lost\t the game.\r\n  Are you hungry yet?\r\n\r\n\r\n";

    private const string Added = "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n";

    private static readonly DkimKey[] Keys = [DkimKey.GenerateRsa("example.org", "r"), DkimKey.GenerateEd25519("example.org", "e")];

    private static readonly Dictionary<string, AsymmetricKeyParameter> PublicKeys =
        Keys.Select(key => key.DnsRecord).ToDictionary(record => record.Name, record => ReadPublicKey(record.Value));

    [Fact]
    public void Both_signatures_verify_with_another_implementation()
    {
        var signed = Sign(Message);
        Assert.Equal([true, true], Verify(signed));
    }

    [Theory]
    [InlineData("dinner", "lunch")]
    [InlineData("lost", "won")]
    [InlineData("Joe", "Jim")]
    [InlineData("To: suzie", "To: someone")]
    [InlineData("1970", "1971")]
    [InlineData("Subject:", "Subject: more\r\nSubject:")]
    [InlineData("From:", "From: evil@example.net\r\nFrom:")]
    public void Tampering_breaks_the_signatures(string original, string changed) =>
        Assert.Equal([false, false], Verify(Sign(Message).Replace(original, changed, StringComparison.Ordinal)));

    [Fact]
    public void Fields_that_are_not_signed_may_change() =>
        Assert.Equal([true, true], Verify(Sign(Message).Replace("X-Other: y", "X-Other: z", StringComparison.Ordinal)));

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n")]
    [InlineData(" \r\n\t\r\n")]
    [InlineData("no end of line")]
    [InlineData("trailing \t \r\n \r\n")]
    [InlineData("\r\n\r\nleading")]
    public void Unusual_bodies_verify(string body) =>
        Assert.Equal([true, true], Verify(Sign("From: joe@example.org\r\n\r\n" + body)));

    [Fact]
    public void Any_body_verifies() =>
        Gen.OneOfConst("\r\n", " ", "\t", "x", "long word", "\u00E9").List[0, 60]
            .Sample(parts => Assert.Equal([true, true], Verify(Sign("From: joe@example.org\r\nSubject: x\r\n\r\n" + string.Concat(parts)))), iter: 100);

    [Fact]
    public void Bodies_larger_than_a_buffer_verify() =>
        Assert.Equal([true, true], Verify(Sign(Message + string.Concat(Enumerable.Repeat("a line with  spaces \r\n\r\n", 10_000)) + new string('x', 100_000))));

    [Fact]
    public void Oversigned_names_are_listed_once_more_than_they_occur()
    {
        var signed = Sign("From: joe@example.org\r\nTo: a@example.net\r\nReferences: <1@x>\r\n\r\n");
        Assert.Contains("h=from:from:to:to:subject:date:date:message-id:references;", signed.Replace("\r\n\t", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Signature_lines_are_short() =>
        Assert.All(Sign(Message).Split("\r\n"), line => Assert.InRange(line.Length, 0, 78));

    [Fact]
    public void A_header_section_beyond_the_limit_is_not_signed()
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.False(DkimSigner.TrySign(output, Keys, default, Content(Message), DateTimeOffset.UnixEpoch, 20));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Keys_round_trip_through_PEM()
    {
        foreach (var key in Keys)
        {
            using var again = DkimKey.ParsePem(key.Domain, key.Selector, key.ToPem());
            Assert.Equal(key.DnsRecord, again.DnsRecord);
            Assert.Equal(key.Algorithm, again.Algorithm);
        }
    }

    // The body hash of RFC 8463 §A.3, and the canonical form of RFC 6376 §3.4.5 hashed.
    [Theory]
    [InlineData("Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n", "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=")]
    [InlineData(" C \r\nD \t E\r\n\r\n\r\n", null)]
    public void Published_example_bodies_have_the_expected_hash(string body, string? hash)
    {
        hash ??= Convert.ToBase64String(SHA256.HashData(" C\r\nD E\r\n"u8));
        Assert.Equal(hash, Convert.ToBase64String(RelaxedBodyHasher.Hash(Content(body), 0)));
    }

    // RFC 8463 §A.2
    [Fact]
    public void The_public_key_of_RFC_8463_is_derived_from_its_private_key()
    {
        byte[] pkcs8 = [.. Convert.FromHexString("302E020100300506032B657004220420"), .. Convert.FromBase64String("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")];
        using var key = DkimKey.ParsePem("football.example.com", "brisbane", $"-----BEGIN PRIVATE KEY-----\n{Convert.ToBase64String(pkcs8)}\n-----END PRIVATE KEY-----");
        Assert.Equal(
            new DkimDnsRecord("brisbane._domainkey.football.example.com", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
            key.DnsRecord);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    public void An_invalid_key_is_reported_as_such(string pem) => Assert.Throws<FormatException>(() => DkimKey.ParsePem("example.org", "s", pem));

    [Fact]
    public void Zone_file_lines_quote_strings_of_at_most_255_octets()
    {
        var line = Keys[0].DnsRecord.ZoneLine;
        Assert.StartsWith("r._domainkey.example.org. IN TXT ( \"v=DKIM1; k=rsa; p=", line, StringComparison.Ordinal);
        var strings = line.Split('"').Where((_, i) => i % 2 == 1).ToArray();
        Assert.All(strings, text => Assert.InRange(text.Length, 1, 255));
        Assert.Equal(Keys[0].DnsRecord.Value, string.Concat(strings));
    }

    private static InMemoryContent Content(string message) => new(Encoding.UTF8.GetBytes(message));

    private static string Sign(string message)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(DkimSigner.TrySign(output, Keys, Encoding.ASCII.GetBytes(Added), Content(message), DateTimeOffset.UnixEpoch, 100_000));
        return Encoding.ASCII.GetString(output.WrittenSpan) + Added + message;
    }

    private static bool[] Verify(string message)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(message));
        var parsed = MimeMessage.Load(stream);
        var verifier = new DkimVerifier(new Locator());
        return [.. parsed.Headers.Where(header => header.Id == HeaderId.DkimSignature).Select(header => verifier.Verify(parsed, header))];
    }

    private static AsymmetricKeyParameter ReadPublicKey(string record)
    {
        var octets = Convert.FromBase64String(record[(record.IndexOf("p=", StringComparison.Ordinal) + 2)..]);
        return record.Contains("ed25519", StringComparison.Ordinal) ? new Ed25519PublicKeyParameters(octets) : PublicKeyFactory.CreateKey(octets);
    }

    private sealed class Locator : IDkimPublicKeyLocator
    {
        public AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            PublicKeys[$"{selector}._domainkey.{domain}"];

        public Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            Task.FromResult(LocatePublicKey(methods, domain, selector, cancellationToken));
    }
}
