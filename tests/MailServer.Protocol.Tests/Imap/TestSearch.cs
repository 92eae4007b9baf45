using System.Text;
using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>A simple reference implementation of SEARCH criteria.</summary>
internal static class TestSearch
{
    public static bool Fits(SearchCriteria criteria, TestMessage message) => criteria switch
    {
        SearchCriteria.All => true,
        SearchCriteria.HasFlags has => message.Flags.System.HasFlag(has.Flags),
        SearchCriteria.HasKeyword has => message.Flags.Keywords.Contains(has.Keyword),
        SearchCriteria.Recent recent => recent.From is { } from && message.Uid >= from,
        SearchCriteria.Uids uids => uids.Set.Contains(message.Uid.Value),
        SearchCriteria.Header header => Header(message, header.Field, header.Value),
        SearchCriteria.Body body => Contains(Body(message), body.Value),
        SearchCriteria.AnyText any => Contains(Text(message), any.Value),
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

    private static bool Header(TestMessage message, string field, string value) => Text(message)
        .Split("\r\n\r\n")[0].Split("\r\n").Any(l => l.StartsWith(field + ":", StringComparison.OrdinalIgnoreCase) && Contains(l[(field.Length + 1)..], value));

    private static string Body(TestMessage message) => Text(message).Split("\r\n\r\n", 2)[^1];

    private static string Text(TestMessage message) => Encoding.UTF8.GetString(message.Octets);

    private static bool Contains(string text, string value) => text.Contains(value, StringComparison.OrdinalIgnoreCase);
}
