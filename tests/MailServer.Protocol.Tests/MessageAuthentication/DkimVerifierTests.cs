using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.MessageAuthentication;
using MailServer.Protocol.MessageAuthentication.Dkim;

namespace MailServer.Protocol.Tests.MessageAuthentication;

public sealed class DkimVerifierTests
{
    private const string Message = "From: Alice <alice@example.test>\r\nTo: bob@other.test\r\nSubject: Hi\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\nHello  Bob\r\n\r\nBye\r\n\r\n";
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private static readonly DkimKey Rsa = DkimKey.GenerateRsa("example.test", "r");
    private static readonly DkimKey Ed = DkimKey.GenerateEd25519("example.test", "e");
    private readonly ZoneLookup _zone = new();

    public DkimVerifierTests() => _zone.Text(Rsa.DnsRecord.Name, Rsa.DnsRecord.Value).Text(Ed.DnsRecord.Name, Ed.DnsRecord.Value);

    [Fact]
    public async Task Own_signatures_verify()
    {
        var outcomes = await VerifyAsync(Sign());
        Assert.Equal([DkimResult.Pass, DkimResult.Pass], outcomes.Select(o => o.Result));
        Assert.Equal([2048, 256], outcomes.Select(o => o.KeyBits));
    }

    [Fact]
    public async Task An_unsigned_message_has_no_result() => Assert.Empty(await VerifyAsync(Message));

    [Theory]
    [InlineData("Hello  Bob", "Hello Eve", "the body was changed")]
    [InlineData("Subject: Hi", "Subject: Ho", "does not match the header")]
    [InlineData("To: bob@other.test\r\n", "", "does not match the header")]
    public async Task A_changed_message_fails(string before, string after, string reason)
    {
        var outcomes = await VerifyAsync(Sign().Replace(before, after, StringComparison.Ordinal));
        Assert.All(outcomes, o => Assert.Equal(DkimResult.Fail, o.Result));
        Assert.All(outcomes, o => Assert.Contains(reason, o.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("From: Eve <eve@evil.test>\r\n")]
    [InlineData("Subject: Other\r\n")]
    public async Task A_second_field_with_an_oversigned_name_breaks_the_signature(string added) =>
        Assert.All(await VerifyAsync(added + Sign()), o => Assert.Equal(DkimResult.Fail, o.Result));

    [Theory]
    [InlineData("v=1;", "v=2;", "v=")]
    [InlineData("; s=r;", ";", "s=")]
    [InlineData("a=rsa-sha256", "a=rsa-sha1", "RFC 8301")]
    [InlineData("a=rsa-sha256", "a=dsa-sha256", "unknown")]
    [InlineData("from:from:", "", "From is not signed")]
    [InlineData("d=example.test", "d=com", "d=")]
    [InlineData("; t=", "; i=@evil.test; t=", "i=")]
    [InlineData("; t=", "; l=9999; t=", "l=")]
    [InlineData("; t=", "; l=x; t=", "l=")]
    [InlineData("; t=", "; q=other; t=", "q=")]
    [InlineData("; t=", "; d=twice.test; t=", "malformed")]
    [InlineData("; t=", ";; t=", "malformed")]
    public async Task A_signature_that_breaks_the_rules_is_a_permanent_error(string before, string after, string reason)
    {
        var message = Sign(Rsa).Replace("\r\n\t", " ", StringComparison.Ordinal);
        Assert.Contains(before, message, StringComparison.Ordinal);
        var at = message.IndexOf(before, StringComparison.Ordinal);
        var outcome = Assert.Single(await VerifyAsync(message.Remove(at, before.Length).Insert(at, after)));
        Assert.Equal(DkimResult.PermError, outcome.Result);
        Assert.Contains(reason, outcome.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("AAAA")]
    [InlineData("!!!!")]
    public async Task A_truncated_or_malformed_signature_fails_without_an_exception(string b)
    {
        foreach (var key in (DkimKey[])[Rsa, Ed])
        {
            var message = Sign(key);
            var start = message.IndexOf("\tb=", StringComparison.Ordinal) + 3;
            var end = message.IndexOf("\r\nFrom:", start, StringComparison.Ordinal);
            var outcome = Assert.Single(await VerifyAsync(message.Remove(start, end - start).Insert(start, b)));
            Assert.True(outcome.Result is DkimResult.Fail or DkimResult.PermError, outcome.Reason);
        }
    }

    [Theory]
    [InlineData("v=DKIM1; k=rsa; p=", "revoked")]
    [InlineData("v=DKIM1; k=rsa", "no p=")]
    [InlineData("v=DKIM1; k=rsa; p=!!", "base64")]
    [InlineData("v=DKIM1; k=rsa; p=AAAA", "not an RSA key")]
    [InlineData("k=rsa; v=DKIM1; p=AAAA", "not a DKIM key")]
    [InlineData("v=DKIM1; k=ed25519; p=AAAA", "type ed25519")]
    [InlineData("v=DKIM1; h=sha1; p=AAAA", "not for sha256")]
    [InlineData("v=DKIM1; s=other; p=AAAA", "not for mail")]
    public async Task An_unusable_key_is_a_permanent_error(string record, string reason)
    {
        var zone = new ZoneLookup().Text(Rsa.DnsRecord.Name, record);
        var outcome = Assert.Single(await VerifyAsync(Sign(Rsa), zone));
        Assert.Equal(DkimResult.PermError, outcome.Result);
        Assert.Contains(reason, outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_weak_key_is_refused()
    {
        using var weak = RSA.Create(1016);
        using var key = DkimKey.ParsePem("example.test", "weak", weak.ExportPkcs8PrivateKeyPem());
        var outcome = Assert.Single(await VerifyAsync(Sign(key), new ZoneLookup().Text(key.DnsRecord.Name, key.DnsRecord.Value)));
        Assert.Equal((DkimResult.PermError, 1016), (outcome.Result, outcome.KeyBits));
    }

    [Fact]
    public async Task A_DNS_failure_is_a_temporary_error()
    {
        var outcome = Assert.Single(await VerifyAsync(Sign(Rsa), new ZoneLookup().Fail(Rsa.DnsRecord.Name)));
        Assert.Equal(DkimResult.TempError, outcome.Result);
    }

    [Fact]
    public async Task Signatures_beyond_the_limit_are_ignored()
    {
        var signed = Sign(Rsa);
        var field = signed[..signed.IndexOf("From:", StringComparison.Ordinal)];
        var many = string.Concat(Enumerable.Repeat(field, 50)) + Message;
        Assert.Equal(Limits.Default.DkimSignatures, (await VerifyAsync(many)).Count);
    }

    private static string Sign(params DkimKey[] keys)
    {
        var output = new ArrayBufferWriter<byte>();
        var content = new InMemoryContent(Encoding.ASCII.GetBytes(Message));
        Assert.True(DkimSigner.TrySign(output, keys.Length > 0 ? keys : [Rsa, Ed], [], content, Now, 65536));
        return Encoding.ASCII.GetString(output.WrittenSpan) + Message;
    }

    private Task<IReadOnlyList<DkimOutcome>> VerifyAsync(string message, ZoneLookup? zone = null) =>
        new DkimVerifier(zone ?? _zone, TimeProvider.System, Limits.Default)
            .VerifyAsync(SignedMessage.Read(new InMemoryContent(Encoding.ASCII.GetBytes(message)), 1 << 20)!, CancellationToken.None);
}
