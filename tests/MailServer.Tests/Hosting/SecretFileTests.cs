using MailServer.Hosting;

namespace MailServer.Tests.Hosting;

public sealed class SecretFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_key_is_created_once_by_concurrent_starts()
    {
        var file = Path.Combine(_folder, "data", "one.key");
        var keys = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Convert.ToHexString(SecretFile.ReadOrMakeKey(file, 32)))));
        Assert.Single(keys.Distinct());
        Assert.Equal(keys[0], Convert.ToHexString(SecretFile.ReadOrMakeKey(file, 32)));
        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00ff")]
    [InlineData("not hexadecimal digits, but just as many of them as a key would have")]
    public void An_invalid_key_file_is_reported_and_kept(string content)
    {
        var file = Path.Combine(_folder, "bad.key");
        File.WriteAllText(file, content);
        Assert.Contains(file, Assert.Throws<InvalidDataException>(() => SecretFile.ReadOrMakeKey(file, 32)).Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(file));
    }

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
