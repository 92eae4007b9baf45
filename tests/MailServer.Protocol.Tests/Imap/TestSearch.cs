using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Tests.Messages;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>A simple implementation of SEARCH criteria; texts are compared by the server's reader of messages.</summary>
internal static class TestSearch
{
    public static bool Fits(SearchCriteria criteria, TestMessage message) => criteria switch
    {
        SearchCriteria.All => true,
        SearchCriteria.HasFlags has => message.Flags.System.HasFlag(has.Flags),
        SearchCriteria.HasKeyword has => message.Flags.Keywords.Contains(has.Keyword),
        SearchCriteria.Recent recent => recent.From is { } from && message.Uid >= from,
        SearchCriteria.Uids uids => uids.Set.Contains(message.Uid.Value),
        SearchCriteria.Header header => MessageTexts.Format.HeaderContains(message.Octets, header.Field, header.Value),
        SearchCriteria.Body body => MessageTexts.Format.TextContains(new InMemoryContent(message.Octets), body.Value, includeHeader: false),
        SearchCriteria.AnyText any => MessageTexts.Format.TextContains(new InMemoryContent(message.Octets), any.Value, includeHeader: true),
        SearchCriteria.DateRange dated => Dated(dated.Sent ? message.Summary.SentDate : DateOnly.FromDateTime(message.Date.DateTime), dated),
        SearchCriteria.Age age => !(Age(message) < age.Least) && !(Age(message) > age.Most),
        SearchCriteria.ModSeqFrom from => message.ModSeq >= from.Value,
        SearchCriteria.EmailId id => message.EmailId == id.Value,
        SearchCriteria.SavedRange saved => Dated(DateOnly.FromDateTime(ImapTestMailbox.Now.UtcDateTime), new SearchCriteria.DateRange(false, saved.Since, saved.Before)),
        SearchCriteria.SizeRange sized => !(message.Octets.Length <= sized.LargerThan) && !(message.Octets.Length >= sized.SmallerThan),
        SearchCriteria.Not not => !Fits(not.Inner, message),
        SearchCriteria.And and => and.Inner.All(c => Fits(c, message)),
        SearchCriteria.Or or => Fits(or.Left, message) || Fits(or.Right, message),
        _ => throw new InvalidOperationException($"unexpected {criteria}"),
    };

    // Messages of transcripts are a day old, unless they have another date.
    private static double Age(TestMessage message) => (ImapTestMailbox.Now.AddDays(1) - message.Date).TotalSeconds;

    private static bool Dated(DateOnly? day, SearchCriteria.DateRange dated) => day is { } d && !(d < dated.Since) && !(d >= dated.Before);
}
