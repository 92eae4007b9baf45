using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Importing;
using MailServer.Storage.Tests.SafeFiles;

namespace MailServer.Tests.Importing;

/// <summary>An import run by root reads only the folder, and never follows a link or a name out of it.</summary>
public sealed class IrregularSourcesTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("import-").FullName;

    private string Outside => Path.Combine(_folder, "outside");

    private string Source => Path.Combine(_folder, "Maildir");

    public static TheoryData<IrregularFile, string> InMaildirs()
    {
        var table = new TheoryData<IrregularFile, string>();
        foreach (var odd in IrregularFiles.All)
            foreach (var place in new[] { "new", "cur", "", "dovecot-keywords", ".Archive" }) table.Add(odd, place);
        return table;
    }

    public static TheoryData<IrregularFile> Kinds() => [.. IrregularFiles.All];

    public void Dispose()
    {
        IrregularFiles.RemoveAll(_folder);
        Directory.Delete(_folder);
    }

    [Theory]
    [MemberData(nameof(InMaildirs))]
    public async Task A_Maildir_with_an_irregular_file_is_imported_without_it(IrregularFile odd, string place)
    {
        foreach (var part in new[] { "cur", "new", "tmp" }) Directory.CreateDirectory(Path.Combine(Source, part));
        await File.WriteAllTextAsync(Path.Combine(Source, "cur", "1.good:2,S"), "Subject: good\r\n\r\nx\r\n");
        switch (place)
        {
            case "new" or "cur":
                IrregularFiles.Put(odd, Path.Combine(Source, place), "1700000000.M1P1.odd", Outside);
                break;
            case ".Archive":
                Directory.CreateDirectory(Path.Combine(Source, place));
                IrregularFiles.Put(odd, Path.Combine(Source, place), "cur", Outside);
                break;
            default:
                Directory.CreateDirectory(Path.Combine(Outside, "cur"));
                await File.WriteAllTextAsync(Path.Combine(Outside, "cur", "1.x"), $"Subject: {IrregularFiles.Secret}\r\n\r\n");
                IrregularFiles.Put(odd, Source, place.Length == 0 ? ".Odd" : place, Outside);
                break;
        }

        var read = await ReadAsync(() => new MaildirSource(Source, 1_000_000)).WaitAsync(Patience);
        Assert.Contains(read, static m => m.Contains("Subject: good", StringComparison.Ordinal));
        Assert.DoesNotContain(read, static m => m.Contains(IrregularFiles.Secret, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_irregular_mbox_file_is_refused_and_not_waited_for_and_a_link_that_the_user_names_is_followed(IrregularFile odd)
    {
        var name = IrregularFiles.Put(odd, Directory.CreateDirectory(Source).FullName, "old.mbox", Outside);
        await File.WriteAllTextAsync(Path.Combine(Outside, "1700000009.M1P1.secret"), $"From a@b Thu Jan  1 00:00:00 1970\nSubject: {IrregularFiles.Secret}\n\n");
        Task<List<string>> Read() => ReadAsync(() => new MboxSource(Path.Combine(Source, name), FolderName.Inbox, 1_000_000)).WaitAsync(Patience);
        if (odd is IrregularFile.DotsInFront or IrregularFile.LongestName)
        {
            Assert.Contains("odd name", Assert.Single(await Read()), StringComparison.Ordinal);
            return;
        }

        if (odd == IrregularFile.LinkToFile)
        {
            Assert.Contains(IrregularFiles.Secret, Assert.Single(await Read()), StringComparison.Ordinal);
            return;
        }

        var failure = await Record.ExceptionAsync(Read);
        Assert.True(failure is IOException or InvalidDataException or UnauthorizedAccessException, $"{failure}");
    }

    private static Task<List<string>> ReadAsync(Func<IMailSource> open) => Task.Run(async () =>
    {
        var read = new List<string>();
        await foreach (var item in open().ReadAsync(CancellationToken.None))
            if (item is SourceMessage message) read.Add(Encoding.Latin1.GetString(message.Content.Span));
        return read;
    });
}
