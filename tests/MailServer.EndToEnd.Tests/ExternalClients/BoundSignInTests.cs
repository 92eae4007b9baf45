using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailKit.Security;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.ExternalClients;

/// <summary>
/// Sign-in that is bound to the TLS connection (SCRAM-SHA-256-PLUS): gsasl binds to the connection (<c>tls-exporter</c>), MailKit to the certificate (<c>tls-server-end-point</c>). What each computes must
/// be what the server computes.
/// </summary>
[Collection(BindingServerCollection.Name)]
public sealed class BoundSignInTests(BindingServer shared) : ExternalClientTest(shared)
{
    [ClientTheory("gsasl")]
    [InlineData("--imap")]
    [InlineData("--smtp")]
    public async Task Gsasl_signs_in(string protocol)
    {
        var port = protocol == "--imap" ? Imap : Submission;
        var run = await RunAsync("gsasl", [protocol, "--connect", $"localhost:{port}", "--x509-ca-file=", "-m", "SCRAM-SHA-256-PLUS", "-a", User, "-p", ServerProcess.Password, "--verbose", "-d"], "");
        Assert.Contains("p=tls-exporter,,", Decoded(run.Output + run.Error), StringComparison.Ordinal);
    }

    [ClientFact("gsasl")]
    public async Task Gsasl_does_without_before_TLS_1_3() =>
        await RunAsync("gsasl", ["--imap", "--connect", $"localhost:{Imap}", "--x509-ca-file=", "--priority=NORMAL:-VERS-TLS1.3", "--no-cb", "-m", "SCRAM-SHA-256", "-a", User, "-p", ServerProcess.Password, "-d"], "");

    [Theory]
    [InlineData(SecureSocketOptions.SslOnConnect)]
    [InlineData(SecureSocketOptions.StartTls)]
    public async Task MailKit_signs_in_to_both_protocols(SecureSocketOptions security)
    {
        var credential = new NetworkCredential(User, ServerProcess.Password);
        using var imap = await Server.ImapConnectionAsync(security);
        var bound = (SaslMechanismScramSha256Plus)SaslMechanism.Create("SCRAM-SHA-256-PLUS", credential)!;
        await imap.AuthenticateAsync(bound);
        Assert.True(imap.IsAuthenticated && bound.NegotiatedChannelBinding);
        using var smtp = await Server.SubmissionConnectionAsync(security);
        bound = (SaslMechanismScramSha256Plus)SaslMechanism.Create("SCRAM-SHA-256-PLUS", credential)!;
        await smtp.AuthenticateAsync(bound);
        Assert.True(smtp.IsAuthenticated && bound.NegotiatedChannelBinding);
    }

    [Theory]
    [InlineData(true, "OK \"Signed in\"")]
    [InlineData(false, "NO ")]
    public async Task ManageSieve_binds_as_well(bool isRightCertificate, string answer)
    {
        var (file, _) = await Server.CertificateAsync(Home);
        await using var client = await ManageSieveClient.ConnectAsync(Server.Ports.ManageSieve);
        Assert.DoesNotContain((await client.SayAsync("CAPABILITY")), static line => line.Contains("-PLUS", StringComparison.Ordinal));
        await client.SayAsync("STARTTLS");
        await client.Wire.StartTlsAsync();
        Assert.Contains((await client.ReadAsync()), static line => line.StartsWith("\"SASL\" \"SCRAM-SHA-256-PLUS ", StringComparison.Ordinal));
        using var certificate = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(file));
        var hash = SHA256.HashData(certificate.RawData);
        if (!isRightCertificate) hash[0] ^= 1;
        var first = $"n={User},r=clientnonce";
        await client.Wire.SendAsync($"AUTHENTICATE \"SCRAM-SHA-256-PLUS\" \"{Base64("p=tls-server-end-point,," + first)}\"\r\n");
        var server = Encoding.ASCII.GetString(Convert.FromBase64String((await client.Wire.ReadLineAsync())!.Trim('"')));
        await client.Wire.SendAsync($"\"{Base64(Final(first, server, hash))}\"\r\n");
        Assert.StartsWith(answer[..2], (await client.ReadAsync())[^1], StringComparison.Ordinal);
    }

    private static string Final(string first, string server, byte[] hash)
    {
        var parts = server.Split(',');
        var final = $"c={Convert.ToBase64String([.. Encoding.ASCII.GetBytes("p=tls-server-end-point,,"), .. hash])},{parts[0]}";
        var salted = Rfc2898DeriveBytes.Pbkdf2(ServerProcess.Password, Convert.FromBase64String(parts[1][2..]), int.Parse(parts[2][2..], System.Globalization.CultureInfo.InvariantCulture), HashAlgorithmName.SHA256, 32);
        var proof = HMACSHA256.HashData(salted, "Client Key"u8);
        var signature = HMACSHA256.HashData(SHA256.HashData(proof), Encoding.UTF8.GetBytes($"{first},{server},{final}"));
        for (var i = 0; i < proof.Length; i++) proof[i] ^= signature[i];
        return $"{final},p={Convert.ToBase64String(proof)}";
    }

    /// <summary>The text with what is base64 in it decoded.</summary>
    private static string Decoded(string text) => string.Join('\n', text.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(static word =>
    {
        var buffer = new byte[word.Length];
        return Convert.TryFromBase64String(word, buffer, out var length) ? Encoding.Latin1.GetString(buffer, 0, length) : word;
    }));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
