using System.Text;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>Annotations live in files of their folder: they survive whatever happens to the index, and share the fate of the folder.</summary>
public sealed class AnnotationStoreTests : IDisposable
{
    private const string Comment = "/private/comment";
    private static readonly FolderName Work = FolderName.Parse("Work");
    private static readonly Limits Small = Limits.Default with { Annotations = 20, AnnotationValue = 1_024, AnnotationOctets = 20_000 };
    private readonly TestMailbox _mailbox = new(Small);

    public AnnotationStoreTests() => Assert.Null(_mailbox.Store.CreateFolder(Work, FolderRole.None));

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void They_are_read_again_when_the_index_is_lost()
    {
        Set(Work, Comment, "work");
        Set(null, "/private/vendor/acme/colour", "red");
        _mailbox.LoseIndex();
        Assert.Equal("work", Get(Work));
        Assert.Equal("red", Get(null, "/private/vendor/acme/colour"));
        Assert.Null(Get(FolderName.Inbox));
    }

    [Fact]
    public void They_follow_their_folder_and_end_with_it()
    {
        var below = FolderName.Parse("Work/Late");
        Assert.Null(_mailbox.Store.CreateFolder(below, FolderRole.None));
        Set(Work, Comment, "work");
        Set(below, Comment, "late");
        Assert.False(_mailbox.Store.RenameFolder(Work, FolderName.Parse("Play")).IsRefused);
        Assert.Equal("work", Get(FolderName.Parse("Play")));
        Assert.Equal("late", Get(FolderName.Parse("Play/Late")));
        Assert.False(_mailbox.Store.DeleteFolder(FolderName.Parse("Play")).IsRefused);
        Assert.Null(_mailbox.Store.CreateFolder(FolderName.Parse("Play"), FolderRole.None));
        Assert.Null(Get(FolderName.Parse("Play")));
        Assert.Equal("late", Get(FolderName.Parse("Play/Late")));
    }

    [Fact]
    public void A_removed_folder_leaves_no_directory()
    {
        Set(Work, Comment, "work");
        Assert.False(_mailbox.Store.DeleteFolder(Work).IsRefused);
        Assert.False(System.IO.Directory.Exists(Path.Combine(_mailbox.Home, "Work")));
    }

    [Fact]
    public void Those_of_INBOX_are_kept_and_copied_when_it_is_renamed()
    {
        Set(FolderName.Inbox, Comment, "in");
        Assert.False(_mailbox.Store.RenameFolder(FolderName.Inbox, FolderName.Parse("Old")).IsRefused);
        Assert.Equal("in", Get(FolderName.Inbox));
        Assert.Equal("in", Get(FolderName.Parse("Old")));
    }

    [Fact]
    public void They_are_part_of_a_backup()
    {
        Set(Work, Comment, "work");
        Set(null, Comment, "all");
        var copy = Path.Combine(_mailbox.Home, "..", "copy");
        _mailbox.Store.Copy(copy, new HashSet<string>());
        Assert.Equal("work", Encoding.UTF8.GetString(AnnotationFile.Load(Path.Combine(copy, "Work"))[Comment]));
        Assert.Equal("all", Encoding.UTF8.GetString(AnnotationFile.Load(copy)[Comment]));
    }

    [Fact]
    public void Their_number_and_size_are_limited()
    {
        for (var i = 0; i < Small.Annotations; i++) Set(Work, $"/private/{i}", "x");
        Assert.Equal(MailboxRefusal.TooManyAnnotations, Try(Work, "/private/more", "x"));
        Assert.Null(Try(Work, "/private/1", "y"));
        var large = new string('x', Small.AnnotationValue);
        var refused = 0;
        for (var i = 0; i < 40; i++)
        {
            var folder = FolderName.Parse($"F{i % 4}");
            _mailbox.Store.CreateFolder(folder, FolderRole.None);
            if (Try(folder, $"/private/{i}", large) is not null) refused++;
        }

        Assert.InRange(refused, 20, 39);
        var use = System.IO.Directory.EnumerateFiles(_mailbox.Home, AnnotationFile.FileName, new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Sum(static f => new FileInfo(f).Length);
        Assert.InRange(use, 1, Small.AnnotationOctets * 3 / 2);
        // One that is removed makes room.
        Assert.Null(_mailbox.Store.Annotations.Set(FolderName.Parse("F0"), [new Annotation("/private/0", null)]));
    }

    [Fact]
    public void A_damaged_file_is_set_aside_and_nothing_is_made_of_it()
    {
        Set(Work, Comment, "work");
        Set(Work, "/shared/comment", "more");
        var path = Path.Combine(_mailbox.Home, "Work", AnnotationFile.FileName);
        var text = File.ReadAllText(path);
        for (var length = 0; length < text.Length - 1; length++)
        {
            File.WriteAllText(path, text[..length]);
            Assert.Null(Get(Work, "/shared/comment"));
        }

        Set(Work, Comment, "again");
        Assert.Equal("again", Get(Work));
        Assert.Single(System.IO.Directory.GetFiles(Path.Combine(_mailbox.Home, "Work"), AnnotationFile.FileName + ".damaged*"));
    }

    [Fact]
    public void What_is_behind_a_link_is_neither_read_nor_written()
    {
        var outside = Path.Combine(_mailbox.Home, "..", "outside");
        File.WriteAllText(outside, "mailserver-annotations 1\nd29yaw== /private/comment\n");
        File.CreateSymbolicLink(Path.Combine(_mailbox.Home, "Work", AnnotationFile.FileName), outside);
        Assert.ThrowsAny<IOException>(() => Get(Work));
        Assert.ThrowsAny<IOException>(() => Set(Work, Comment, "x"));
        Assert.StartsWith("mailserver-annotations 1\nd29y", File.ReadAllText(outside), StringComparison.Ordinal);
    }

    private MailboxRefusal? Try(FolderName? folder, string name, string value) => _mailbox.Store.Annotations.Set(folder, [new Annotation(name, Encoding.UTF8.GetBytes(value))]);

    private void Set(FolderName? folder, string name, string value) => Assert.Null(Try(folder, name, value));

    private string? Get(FolderName? folder, string name = Comment) =>
        _mailbox.Store.Annotations.Find(folder, [name], AnnotationDepth.Itself).Value is [{ Value: { } value }] ? Encoding.UTF8.GetString(value.Span) : null;
}
