using MailServer.Storage.Health;

namespace MailServer.Tests.Commands;

/// <summary><c>check</c> while mail.db cannot be used: it reports the file, what it could not check, and every other damaged database.</summary>
public sealed class CheckDirectoryTests : IDisposable
{
    private readonly CommandRunner _commands = new();

    private string Database => Path.Combine(_commands.Data, "mail.db");

    private string Trace => Path.Combine(_commands.Data, "trace.db");

    public static TheoryData<string, bool> Damages()
    {
        var data = new TheoryData<string, bool>();
        foreach (var damage in (string[])["head", "middle", "half", "empty", "gone", "directory"])
        {
            data.Add(damage, true);
            data.Add(damage, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_check_without_repair_names_the_unusable_directory_and_goes_on_with_the_other_databases(string damage, bool hasSnapshot)
    {
        await _commands.SetUpAsync("ann@example.org");
        if (hasSnapshot) DatabaseSnapshot.Take(Database);
        await File.WriteAllTextAsync(Trace, "this is no database, and longer than its header: " + new string('x', 4096));
        Damage(damage);
        var before = Contents();

        var (code, output, error) = await _commands.RunAsync("check");
        Assert.Equal((1, ""), (code, error));
        Assert.Contains(Database, output, StringComparison.Ordinal);
        Assert.Contains("the mailboxes were not checked", output, StringComparison.Ordinal);
        Assert.Contains($"{Trace}: ", output, StringComparison.Ordinal);
        if (hasSnapshot) Assert.Contains("check --repair", output, StringComparison.Ordinal);
        // Nothing is changed without --repair.
        Assert.Equal(before, Contents());
        Assert.Empty(Directory.GetFileSystemEntries(_commands.Data, "*.damaged-*"));

        Assert.Equal(1, (await _commands.RunAsync("check", "--account", "ann@example.org")).Code);
        var json = await _commands.RunAsync("check", "--json");
        Assert.Equal(1, json.Code);
        Assert.Contains("the mailboxes were not checked", json.Out, StringComparison.Ordinal);

        var repair = await _commands.RunAsync("check", "--repair");
        if (hasSnapshot)
        {
            Assert.Equal((0, ""), (repair.Code, repair.Error));
            Assert.Contains("ann@example.org", repair.Out, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(1, repair.Code);
            Assert.Contains("the mailboxes were not checked", repair.Out, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _commands.Dispose();

    private string Contents() => File.Exists(Database) ? Convert.ToHexString(File.ReadAllBytes(Database)) : $"directory: {Directory.Exists(Database)}";

    private void Damage(string how)
    {
        File.Delete(Database + "-wal");
        File.Delete(Database + "-shm");
        var length = new FileInfo(Database).Length;
        switch (how)
        {
            case "head":
                Write(0, 100);
                break;
            case "middle":
                Write(4096, (int)length - 4096);
                break;
            case "half":
                using (var file = File.OpenWrite(Database)) file.SetLength(length / 2);
                break;
            case "empty":
                using (var file = File.OpenWrite(Database)) file.SetLength(0);
                break;
            case "gone":
                File.Delete(Database);
                break;
            default:
                File.Delete(Database);
                Directory.CreateDirectory(Database);
                break;
        }
    }

    private void Write(long at, int count)
    {
        using var file = File.OpenWrite(Database);
        file.Position = at;
        file.Write([.. Enumerable.Repeat((byte)0xA5, count)]);
    }
}
