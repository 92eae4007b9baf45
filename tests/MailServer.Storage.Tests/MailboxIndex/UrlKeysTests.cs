using System.Text;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>The keys that sign URLs of messages: one for each folder, which nobody sees and which shares the fate of the folder.</summary>
public sealed class UrlKeysTests : IDisposable
{
    private const string Url = "imap://ann@example.org/Work/;UID=1;URLAUTH=authuser";
    private static readonly FolderName Work = FolderName.Parse("Work");
    private static readonly FolderName Play = FolderName.Parse("Play");
    private readonly TestMailbox _mailbox = new(Limits.Default);

    public UrlKeysTests() => Assert.Null(_mailbox.Store.CreateFolder(Work, FolderRole.None));

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void A_url_is_signed_by_its_folder_alone()
    {
        Assert.Null(_mailbox.Store.CreateFolder(Play, FolderRole.None));
        var token = Sign(Work);
        Assert.Equal(token, Sign(Work));
        Assert.NotEqual(token, Sign(Play));
        Assert.True(IsValid(Work, token));
        Assert.True(IsValid(Work, token.ToUpperInvariant()));
        Assert.False(IsValid(Play, token));
        Assert.False(IsValid(FolderName.Inbox, token));
        Assert.False(IsValid(FolderName.Parse("Nowhere"), token));
        Assert.False(IsValid(Work, token, Url + "x"));
        Assert.False(IsValid(Work, token[..32]));
        for (var at = 0; at < token.Length; at++) Assert.False(IsValid(Work, string.Concat(token.AsSpan(0, at), token[at] == '0' ? "1" : "0", token.AsSpan(at + 1))));
    }

    [Fact]
    public void The_folder_and_its_number_are_told()
    {
        var found = _mailbox.Store.Annotations.UrlKeys.Verify(Work, Url, Sign(Work), null).Value;
        Assert.Equal((_mailbox.Id("Work"), _mailbox.Look("Work").UidValidity), found);
    }

    [Fact]
    public void A_url_ends_with_its_time()
    {
        var token = Sign(Work);
        Assert.True(IsValid(Work, token, expiry: DateTimeOffset.UtcNow.AddHours(1)));
        Assert.False(IsValid(Work, token, expiry: DateTimeOffset.UtcNow.AddSeconds(-1)));
    }

    [Fact]
    public void A_key_is_reset_for_one_folder_or_for_all()
    {
        Assert.Null(_mailbox.Store.CreateFolder(Play, FolderRole.None));
        var (work, play) = (Sign(Work), Sign(Play));
        Assert.Null(_mailbox.Store.Annotations.UrlKeys.Reset(Work));
        Assert.False(IsValid(Work, work));
        Assert.NotEqual(work, Sign(Work));
        Assert.True(IsValid(Play, play));
        Assert.Null(_mailbox.Store.Annotations.UrlKeys.Reset(null));
        Assert.False(IsValid(Play, play));
        Assert.Equal(MailboxRefusal.NoSuchFolder, _mailbox.Store.Annotations.UrlKeys.Reset(FolderName.Parse("Nowhere")));
    }

    [Fact]
    public void Keys_outlive_the_index_and_end_with_their_folder()
    {
        var token = Sign(Work);
        _mailbox.LoseIndex();
        Assert.True(IsValid(Work, token));
        Assert.False(_mailbox.Store.DeleteFolder(Work).IsRefused);
        Assert.Null(_mailbox.Store.CreateFolder(Work, FolderRole.None));
        Assert.False(IsValid(Work, token));
    }

    [Fact]
    public void Nobody_sees_a_key_and_annotations_leave_it_alone()
    {
        var token = Sign(Work);
        Assert.Null(_mailbox.Store.Annotations.Set(Work, [new Annotation("/private/comment", Encoding.ASCII.GetBytes("x"))]));
        Assert.True(IsValid(Work, token));
        foreach (var name in new[] { "url-key", "/", "", "/private" })
            Assert.DoesNotContain(_mailbox.Store.Annotations.Find(Work, [name], AnnotationDepth.All).Value, static a => a.Name == "url-key");
        Assert.Null(_mailbox.Store.Annotations.UrlKeys.Reset(Work));
        Assert.Single(_mailbox.Store.Annotations.Find(Work, ["/private"], AnnotationDepth.All).Value);
    }

    private string Sign(FolderName folder) => _mailbox.Store.Annotations.UrlKeys.Sign(folder, Url).Value;

    private bool IsValid(FolderName folder, string token, string url = Url, DateTimeOffset? expiry = null) => !_mailbox.Store.Annotations.UrlKeys.Verify(folder, url, token, expiry).IsRefused;
}
