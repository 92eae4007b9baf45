using System.Diagnostics;
using MailServer.Domain.Health;
using MailServer.Hosting;
using MailServer.Storage.Health;

namespace MailServer.Tests.Hosting;

/// <summary>No state of a key file prevents the start, and nothing that could be a key is lost.</summary>
public sealed class KeyFilesTests : IDisposable
{
    private static readonly Dictionary<string, Func<KeyFiles, string>> Keys = new(StringComparer.Ordinal)
    {
        ["srs.key"] = static keys => Convert.ToHexString(keys.OpenSrsKey()),
        ["sign-in.key"] = static keys => Convert.ToHexString(keys.OpenSignInKey()),
        ["push.key"] = static keys => Convert.ToHexString(keys.OpenPushKey().ExportPkcs8PrivateKey()),
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("keys-").FullName;
    private readonly NodeProblems _problems = new();

    public static TheoryData<string> Names => [.. Keys.Keys];

    /// <summary>Contents that are no key: they are set aside and replaced.</summary>
    public static TheoryData<string, string> Damaged
    {
        get
        {
            var cells = new TheoryData<string, string>();
            foreach (var name in Keys.Keys)
                foreach (var content in new[] { "", "00ff", "not hexadecimal digits, but just as many of them as a key would have", "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n", "\0\0\0\0" }) cells.Add(name, content);
            return cells;
        }
    }

    /// <summary>What cannot be read as a file: it is left alone, and a temporary key is used.</summary>
    public static TheoryData<string, string> Unreadable
    {
        get
        {
            var cells = new TheoryData<string, string>();
            foreach (var name in Keys.Keys)
                foreach (var odd in new[] { "FIFO", "directory", "dangling link", "link to a device" }) cells.Add(name, odd);
            return cells;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_key_is_created_once_by_concurrent_starts(string name)
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Open(name))));
        Assert.Single(keys.Distinct(StringComparer.Ordinal));
        Assert.Equal(keys[0], Open(name));
        Assert.Equal([Path.Combine(_folder, name)], Directory.GetFiles(_folder));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, name)));
        Assert.Empty(_problems.Current);
    }

    [Theory]
    [MemberData(nameof(Damaged))]
    public void A_damaged_key_is_set_aside_and_replaced(string name, string content)
    {
        File.WriteAllText(Path.Combine(_folder, name), content);
        var key = Open(name);
        Assert.Contains("does not contain a key", Assert.Single(_problems.Current).Text, StringComparison.Ordinal);
        // The next start uses the new key, and the file that was set aside is still reported.
        Assert.Equal(key, Open(name));
        Assert.Contains(".damaged-", Assert.Single(_problems.Current).Text, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(Assert.Single(Directory.GetFiles(_folder, name + ".damaged-*"))));
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void A_key_that_cannot_be_read_is_left_alone_and_a_temporary_one_is_used(string name, string odd)
    {
        var file = Path.Combine(_folder, name);
        Place(file, odd);
        Assert.NotEmpty(Open(name));
        var problem = Assert.Single(_problems.Current);
        Assert.Equal(name, problem.Subject);
        Assert.Contains("a temporary key is used", problem.Text, StringComparison.Ordinal);
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    private static void Place(string file, string odd)
    {
        switch (odd)
        {
            case "FIFO":
                using (var made = Process.Start("mkfifo", [file])) made.WaitForExit();
                break;
            case "directory":
                Directory.CreateDirectory(file);
                break;
            case "dangling link":
                File.CreateSymbolicLink(file, "/nowhere");
                break;
            default:
                File.CreateSymbolicLink(file, "/dev/zero");
                break;
        }
    }

    private string Open(string name) => Keys[name](new KeyFiles(_folder, new StoreProblems(_problems), TimeProvider.System));
}
