using MailServer.Hosting;

namespace MailServer.Tests.Hosting;

public sealed class SecretFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_key_is_made_once_however_many_start_at_the_same_time()
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
    public void What_is_no_key_is_said_and_left_where_it_is(string content)
    {
        var file = Path.Combine(_folder, "bad.key");
        File.WriteAllText(file, content);
        Assert.Contains(file, Assert.Throws<InvalidDataException>(() => SecretFile.ReadOrMakeKey(file, 32)).Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Fact]
    public void A_secret_replaces_the_one_before_and_leaves_nothing_beside_it()
    {
        var file = Path.Combine(_folder, "text.key");
        SecretFile.Write(file, "one");
        SecretFile.Write(file, "two");
        Assert.Equal("two\n", File.ReadAllText(file).ReplaceLineEndings("\n"));
        Assert.Equal([file], Directory.GetFiles(_folder));
    }
}
