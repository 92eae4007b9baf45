using MailServer.Hosting;

namespace MailServer.Tests.Hosting;

public sealed class SecretFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_new_secret_replaces_the_old_one_and_leaves_no_other_file()
    {
        var file = Path.Combine(_folder, "text.key");
        SecretFile.Write(file, "one");
        SecretFile.Write(file, "two");
        Assert.Equal("two\n", File.ReadAllText(file).ReplaceLineEndings("\n"));
        Assert.Equal([file], Directory.GetFiles(_folder));
    }
}
