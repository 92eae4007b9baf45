using MailServer.Domain.Mailboxes;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>The identifier of a message, when it came into its folder, and the beginning of its text.</summary>
public sealed class MessageDetailsTests : IDisposable
{
    private readonly TestMailbox _mailbox = new();

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void Copies_share_an_identifier_and_other_messages_have_another_one()
    {
        _mailbox.Deliver(Text("one"));
        _mailbox.Deliver(Text("two"));
        var (first, second) = (EmailId(1), EmailId(2));
        Assert.NotEqual(first, second);
        Assert.Matches("^M[0-9a-f]{32}$", first);
        Assert.False(_mailbox.Store.Copy(_mailbox.Inbox, [1], Name("Sent"), move: false).IsRefused);
        Assert.False(_mailbox.Store.Copy(_mailbox.Inbox, [2], Name("Sent"), move: true).IsRefused);
        Assert.Equal([first, second], [EmailId(1, "Sent"), EmailId(2, "Sent")]);
        _mailbox.Store.Store(_mailbox.Inbox, [1], FlagOperation.Add, new MessageFlags(SystemFlags.Seen, KeywordSet.Of("work")));
        _mailbox.Store.RenameFolder(Name("Sent"), Name("Sent/2026"));
        Assert.Equal(first, EmailId(1, "Sent/2026"));
        Assert.Equal(first, EmailId(1));
    }

    [Fact]
    public void Identifiers_of_messages_and_folders_survive_the_loss_of_the_index()
    {
        _mailbox.Deliver(Text("one"));
        _mailbox.Store.Copy(_mailbox.Inbox, [1], Name("Sent"), move: false);
        var (email, folder, validity) = (EmailId(1), _mailbox.Inbox, _mailbox.Look().UidValidity);
        _mailbox.LoseIndex();
        Assert.Equal([email, email], [EmailId(1), EmailId(1, "Sent")]);
        Assert.Equal((folder, validity), (_mailbox.Inbox, _mailbox.Look().UidValidity));
    }

    [Fact]
    public void The_save_date_is_when_the_message_came_into_its_folder()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        _mailbox.Deliver(Text("old"), date: new DateTimeOffset(2015, 1, 1, 18, 50, 53, TimeSpan.FromHours(1)));
        var saved = Details(1, FetchItems.SavedDate).SavedAt!.Value;
        Assert.InRange(saved, before, DateTimeOffset.UtcNow);
        Assert.Equal([1u], Found(new SearchCriteria.SavedRange(DateOnly.FromDateTime(saved.UtcDateTime), null)));
        Assert.Equal([1u], Found(new SearchCriteria.SavedRange(null, DateOnly.FromDateTime(saved.UtcDateTime).AddDays(1))));
        Assert.Empty(Found(new SearchCriteria.SavedRange(null, DateOnly.FromDateTime(saved.UtcDateTime))));
        Assert.Empty(Found(new SearchCriteria.SavedRange(DateOnly.FromDateTime(saved.UtcDateTime).AddDays(1), null)));
    }

    [Fact]
    public void A_message_is_found_by_its_identifier()
    {
        _mailbox.Deliver(Text("one"));
        _mailbox.Deliver(Text("two"));
        Assert.Equal([2u], Found(new SearchCriteria.EmailId(EmailId(2))));
        Assert.Equal([1u], Found(new SearchCriteria.Not(new SearchCriteria.EmailId(EmailId(2)))));
        Assert.Empty(Found(new SearchCriteria.EmailId("M0")));
    }

    [Fact]
    public void A_preview_is_read_once_and_kept_with_the_message_and_its_copies()
    {
        _mailbox.Deliver(Text("one", "Hello there.\r\n"));
        Assert.Equal("Hello there.", Details(1, FetchItems.Preview).Preview);
        Assert.Equal("Hello there.", Details(1, FetchItems.QuickPreview).Preview);
        _mailbox.Store.Copy(_mailbox.Inbox, [1], Name("Sent"), move: false);
        _mailbox.Close();
        Assert.Equal("Hello there.", Details(1, FetchItems.QuickPreview).Preview);
        Assert.Equal("Hello there.", Details(1, FetchItems.QuickPreview, "Sent").Preview);
        Assert.Equal(1, _mailbox.Format.Previews);
    }

    [Fact]
    public void A_preview_and_the_summary_do_not_replace_each_other()
    {
        _mailbox.Deliver(Text("one", "Hello there.\r\n"));
        _mailbox.LoseIndex();
        Assert.Equal("Hello there.", Details(1, FetchItems.Preview).Preview);
        var row = _mailbox.Fetch("INBOX", FetchItems.Envelope | FetchItems.QuickPreview).Single();
        Assert.Equal("(\"one\")"u8, row.Envelope.Span);
        Assert.Equal("Hello there.", row.Details!.Preview);
        Assert.Equal("(\"one\")"u8, _mailbox.Fetch("INBOX", FetchItems.Envelope).Single().Envelope.Span);
        Assert.Equal("Hello there.", Details(1, FetchItems.QuickPreview).Preview);
        Assert.Equal(1, _mailbox.Format.Previews);
    }

    [Fact]
    public void A_quick_preview_of_a_long_message_is_not_read()
    {
        _mailbox.Deliver(Text("long", new string('x', 100_000)));
        Assert.Null(Details(1, FetchItems.QuickPreview).Preview);
        Assert.Equal(0, _mailbox.Format.Previews);
        Assert.Equal(100_000, Details(1, FetchItems.Preview).Preview!.Length);
        Assert.NotNull(Details(1, FetchItems.QuickPreview).Preview);
    }

    [Fact]
    public void Nothing_is_returned_that_was_not_requested()
    {
        _mailbox.Deliver(Text("one"));
        Assert.Null(_mailbox.Fetch("INBOX", FetchItems.Envelope).Single().Details);
        Assert.Equal(new MessageDetails(EmailId(1), null, null), Details(1, FetchItems.EmailId));
    }

    [Fact]
    public void A_message_whose_file_is_gone_has_no_preview_and_does_not_hide_the_others()
    {
        _mailbox.Deliver(Text("one"));
        _mailbox.Deliver(Text("two"));
        _mailbox.Look();
        File.Delete(Path.Combine(_mailbox.Directory("INBOX"), _mailbox.Files()[0]));
        var fetched = _mailbox.Store.Fetch(new MailboxRequest.Fetch(_mailbox.Inbox, new uint[] { 1, 2 }, FetchItems.Preview, MarkSeen: false)).Value;
        Assert.Equal([new Uid(1)], fetched.Unreadable);
        Assert.Equal("Hello.", fetched.Rows.Single().Details!.Preview);
    }

    private string EmailId(uint uid, string folder = "INBOX") => Details(uid, FetchItems.EmailId, folder).EmailId!;

    private MessageDetails Details(uint uid, FetchItems items, string folder = "INBOX") => _mailbox.Fetch(folder, items, uid).Single().Details!;

    private uint[] Found(SearchCriteria criteria)
    {
        var search = _mailbox.Store.Search(_mailbox.Inbox, criteria).Value;
        while (!search.Step(100)) { }
        return [.. search.Found.Select(u => u.Value)];
    }
}
