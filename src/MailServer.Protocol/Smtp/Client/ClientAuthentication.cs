using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Sasl;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>
/// AUTH (RFC 4954) with the best mechanism that the host offers: SCRAM-SHA-256 (RFC 5802, RFC 7677), which keeps the password secret and
/// authenticates the host; PLAIN (RFC 4616); LOGIN. Requires TLS unless the options allow plaintext authentication.
/// </summary>
internal sealed class ClientAuthentication(SmtpClientSession session, SmtpCredentials credentials, SmtpClientOptions options)
{
    // A higher iteration count would let the host waste our CPU time.
    private const int MaxIterations = 1_000_000;

    private static readonly SmtpReply NoTls = new(454, "4.7.0", "AUTH needs TLS, which the host does not offer");
    private static readonly SmtpReply NoMechanism = new(454, "4.7.0", "The host offers none of SCRAM-SHA-256, PLAIN and LOGIN");
    private static readonly SmtpReply NotProven = new(454, "4.7.0", "The host could not prove that it knows the password");

    private SmtpReply _reply = NoMechanism;

    public IEnumerable<SmtpClientEffect?> Run()
    {
        if (session.Tls is null && !options.PlaintextAuth) _reply = NoTls;
        else if (session.Extensions.Mechanisms.Contains("SCRAM-SHA-256")) foreach (var effect in Scram()) yield return effect;
        else if (session.Extensions.Mechanisms.Contains("PLAIN")) foreach (var effect in Plain()) yield return effect;
        else if (session.Extensions.Mechanisms.Contains("LOGIN")) foreach (var effect in Login()) yield return effect;
        if (_reply.Code != 235) yield return new SmtpClientEffect.Failed(_reply);
    }

    private IEnumerable<SmtpClientEffect?> Plain() => Send($"AUTH PLAIN {Base64($"\0{credentials.Login}\0{credentials.Password}")}");

    private IEnumerable<SmtpClientEffect?> Login()
    {
        foreach (var effect in Send("AUTH LOGIN")) yield return effect;
        if (_reply.Code != 334) yield break;
        foreach (var effect in Send(Base64(credentials.Login))) yield return effect;
        if (_reply.Code != 334) yield break;
        foreach (var effect in Send(Base64(credentials.Password))) yield return effect;
    }

    private IEnumerable<SmtpClientEffect?> Scram()
    {
        var nonce = options.Nonce?.Invoke() ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
        var name = SaslText.PrepareName(credentials.Login).Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);
        var bare = $"n={name},r={nonce}";
        foreach (var effect in Send($"AUTH SCRAM-SHA-256 {Base64("n,," + bare)}")) yield return effect;
        if (_reply.Code != 334) yield break;
        if (Prove(bare, nonce, Challenge()) is not var (final, signature))
        {
            // RFC 4954 §4: an asterisk cancels the exchange.
            foreach (var effect in Send("*")) yield return effect;
            _reply = NotProven;
            yield break;
        }

        foreach (var effect in Send(Base64(final))) yield return effect;
        if (_reply.Code != 334) yield break;
        var proven = Challenge() == "v=" + signature;
        foreach (var effect in Send(proven ? "" : "*")) yield return effect;
        if (!proven) _reply = NotProven;
    }

    // RFC 5802 §3
    private (string Final, string Signature)? Prove(string bare, string nonce, string serverFirst)
    {
        if (serverFirst.Split(',') is not [['r', '=', .. var both], ['s', '=', .. var salt64], ['i', '=', .. var count], ..]) return null;
        var salt = new byte[salt64.Length];
        if (!both.StartsWith(nonce, StringComparison.Ordinal) || both.Length <= nonce.Length || !Convert.TryFromBase64String(salt64, salt, out var length)) return null;
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations is < 1 or > MaxIterations) return null;
        var password = SaslText.PrepareName(credentials.Password);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt.AsSpan(0, length), iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        var withoutProof = $"c=biws,r={both}";
        var message = Encoding.UTF8.GetBytes($"{bare},{serverFirst},{withoutProof}");
        var proof = HMACSHA256.HashData(salted, "Client Key"u8);
        var clientSignature = HMACSHA256.HashData(SHA256.HashData(proof), message);
        for (var i = 0; i < proof.Length; i++) proof[i] ^= clientSignature[i];
        var signature = HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), message);
        return ($"{withoutProof},p={Convert.ToBase64String(proof)}", Convert.ToBase64String(signature));
    }

    private string Challenge()
    {
        var octets = new byte[_reply.Text.Length];
        return Convert.TryFromBase64String(_reply.Text, octets, out var length) ? Encoding.UTF8.GetString(octets, 0, length) : "";
    }

    private IEnumerable<SmtpClientEffect?> Send(string line)
    {
        session.Write(line);
        while (!session.TryRead(out _reply)) yield return null;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
