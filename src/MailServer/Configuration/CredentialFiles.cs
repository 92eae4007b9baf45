using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailServer.Common;
using MailServer.Network.Acme;
using MailServer.Network.Certificates;
using MailServer.Network.NodeLinks;

namespace MailServer.Configuration;

/// <summary>Reads passwords, keys and certificates from the files named in the configuration, at start and in <c>config check</c>.</summary>
internal static class CredentialFiles
{
    /// <summary>The password of a relay host: the first line.</summary>
    public static string RelayPassword(string file)
    {
        try
        {
            var password = NamedFile.ReadFirstLine(file);
            return password is { Length: > 0 } ? password : throw new CommandFailure($"{file}: the first line must contain the password of the relay host");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"cannot read the password of a relay host: {e.Message}");
        }
    }

    /// <summary>The token for metrics: the first line.</summary>
    public static string MetricsToken(string file)
    {
        const int Shortest = 16;
        try
        {
            var token = NamedFile.ReadFirstLine(file)?.Trim() ?? "";
            if (token.Length >= Shortest && token.All(static c => c is > ' ' and <= '~')) return token;
            throw new CommandFailure($"{file}: the first line must be a token of at least {Shortest} letters, digits and signs, for example from 'openssl rand -hex 32'");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"cannot read the token for metrics: {e.Message}");
        }
    }

    /// <summary>The existing account at the certificate authority (RFC 8555 §7.3.4); null if none is configured.</summary>
    public static ExternalAccount? External(TlsOptions tls)
    {
        if (tls is not { AcmeKeyId: { } id, AcmeHmacFile: { } file }) return null;
        try
        {
            return new ExternalAccount(id, Base64Url.DecodeFromChars(NamedFile.ReadText(file).Trim()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new CertificateException($"tls.acme_hmac_file {file}: {e.Message}", e);
        }
    }

    /// <summary>The certificate that a node shows to the others.</summary>
    /// <exception cref="InvalidDataException">The files cannot be used; the message says why.</exception>
    public static NodeIdentity NodeIdentity(string certificate, string key, string authority)
    {
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(authority);
            return new NodeIdentity(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pfx), null), authorities);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"cluster.tls_cert_file {certificate} with key {key} and authority {authority}: {e.Message}", e);
        }
    }
}
