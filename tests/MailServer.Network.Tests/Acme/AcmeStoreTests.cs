using System.Text.Json;
using MailServer.Network.Acme;
using MailServer.Network.Certificates;

namespace MailServer.Network.Tests.Acme;

/// <summary>The ACME files on disk, in every state that they can be in.</summary>
public sealed class AcmeStoreTests : IDisposable
{
    private static readonly Uri Authority = new("https://authority.test/directory");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("acme-store");
    private readonly AcmeStore _store;

    public AcmeStoreTests() => _store = new AcmeStore(_folder.FullName);

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("\0\0\0\0\0\0\0\0")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"directory":"https://other.test/","account":"https://other.test/1","key":"KEY"}""")]
    [InlineData("""{"directory":"https://authority.test/directory","account":"https://authority.test/1","key":"no key"}""")]
    [InlineData("""{"directory":"https://authority.test/directory","account":"https://authority.test/1"}""")]
    public void A_damaged_account_file_is_set_aside(string content)
    {
        var file = Save();
        var kept = File.ReadAllText(file);
        File.WriteAllText(file, content.Replace("KEY", JsonEncodedText.Encode(Pem(kept)).ToString(), StringComparison.Ordinal));
        Assert.Null(_store.LoadAccount(Authority));
        Assert.False(File.Exists(file));
        Assert.True(File.Exists(file + ".old1"));
        Save();
        Assert.NotNull(_store.LoadAccount(Authority));
    }

    [Fact]
    public void An_unwritable_account_file_is_named()
    {
        var file = Save();
        File.Delete(file);
        // Not even root can rename a file onto a folder.
        Directory.CreateDirectory(file);
        File.WriteAllText(Path.Combine(file, "something"), "");
        var failure = Assert.Throws<AcmeException>(() => Save());
        Assert.Equal(AcmeFailure.AccountFile, failure.Failure);
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_account_files_set_aside_is_limited()
    {
        for (var i = 0; i < 30; i++)
        {
            Save();
            _store.SetAccountAside(Authority);
        }

        Assert.InRange(_folder.GetFiles().Length, 2, 10);
    }

    [Theory]
    [InlineData("of another key")]
    [InlineData("of another name")]
    [InlineData("not a certificate")]
    [InlineData("")]
    public void A_certificate_that_does_not_match_its_key_replaces_nothing(string issued)
    {
        using var good = TestCertificateFor("mail.test");
        File.Copy(good.CertificateFile, AcmeStore.CertificateFile(_folder.FullName, "mail.test"));
        File.Copy(Path.ChangeExtension(good.CertificateFile, ".key"), Path.Combine(_folder.FullName, "mail.test.key"));
        var before = _store.Load("mail.test")!.Certificate.Thumbprint;
        var chain = issued;
        if (issued == "of another key")
        {
            using var other = TestCertificateFor("mail.test", "again");
            chain = File.ReadAllText(other.CertificateFile);
        }

        if (issued == "of another name")
        {
            // For this key, but for a name that was not ordered.
            chain = File.ReadAllText(good.CertificateFile);
            File.Copy(Path.Combine(_folder.FullName, "mail.test.key"), Path.Combine(_folder.FullName, "other.test.key"));
            Assert.Throws<CertificateException>(() => _store.Save("other.test", chain));
            Assert.False(File.Exists(AcmeStore.CertificateFile(_folder.FullName, "other.test")));
        }
        else Assert.Throws<CertificateException>(() => _store.Save("mail.test", chain));

        Assert.Equal(before, _store.Load("mail.test")!.Certificate.Thumbprint);
        Assert.Empty(_folder.GetFiles("*.new"));
    }

    private static string Pem(string file) => JsonDocument.Parse(file).RootElement.GetProperty("key").GetString()!;

    private SelfSignedCertificateSource TestCertificateFor(string name, string folder = "made") =>
        new(Path.Combine(_folder.FullName, folder), [name], TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<SelfSignedCertificateSource>.Instance);

    private string Save()
    {
        using var key = AcmeAccountKey.Create();
        _store.SaveAccount(new AcmeAccountFile(Authority, new Uri("https://authority.test/1"), key.ToPem()));
        return Assert.Single(_folder.GetFiles("account.*.json")).FullName;
    }
}
