using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailServer.Network.Certificates;

/// <summary>Reads a PEM chain (the server's certificate first) and its key, and writes them so that only the owner can read the key.</summary>
internal static class PemCertificate
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A chain of many certificates with long keys is a tenth of this; whatever is larger is another file.</summary>
    private const int LargestFile = 1024 * 1024;

    /// <exception cref="CertificateException">Either file is missing, unreadable or not of the other.</exception>
    public static ServerCertificate Load(string certificateFile, string keyFile)
    {
        var subject = $"certificate {certificateFile} with key {keyFile}";
        return Parse(Read(certificateFile, subject), Read(keyFile, subject), subject);
    }

    /// <summary>The content of a file of the pair.</summary>
    /// <exception cref="CertificateException">It cannot be read, or is too large.</exception>
    public static string Read(string file, string subject)
    {
        try
        {
            // Through links: the target may be another file by now.
            using var stream = NamedFile.OpenRead(file);
            // One octet more than there may be: a device has no length, and may have no end.
            var content = new byte[Math.Min(stream.Length, LargestFile) + 1];
            var length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            if (length == content.Length) throw new IOException($"{file} is too large for a certificate or key");
            using var reader = new StreamReader(new MemoryStream(content, 0, length));
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"{subject}: {e.Message}", e);
        }
    }

    /// <param name="chain">The server's certificate, then the rest of its chain.</param>
    /// <param name="key">Its private key.</param>
    /// <param name="subject">What is read, for the message of the exception.</param>
    /// <exception cref="CertificateException">Either text is damaged, or the key is of another certificate.</exception>
    public static ServerCertificate Parse(string chain, string key, string subject)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPem(chain, key);
            var rest = new X509Certificate2Collection();
            rest.ImportFromPem(chain);
            rest.RemoveAt(0);
            return new ServerCertificate(certificate, rest);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CertificateException($"{subject}: {e.Message}", e);
        }
    }

    /// <summary>The key first: a crash in between leaves a pair that does not fit and is made anew, never a certificate whose key is lost.</summary>
    public static void Save(X509Certificate2 certificate, AsymmetricAlgorithm key, string certificateFile, string keyFile)
    {
        Replace(keyFile, key.ExportPkcs8PrivateKeyPem(), OwnerOnly);
        Replace(certificateFile, certificate.ExportCertificatePem(), OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    public static void Replace(string file, string content, UnixFileMode mode) => DurableFile.Replace(file, content, mode);
}
