using MailServer.Domain.Addresses;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>Who goes in whose place (RFC 5546 §3.2.2.3). It counts when the stored object says so of the one who delegates; what a delegate says of it proves nothing.</summary>
internal static class Delegation
{
    // So that nobody who is invited invites a crowd.
    private const int Most = 10;

    private const string Delegated = "DELEGATED";

    /// <summary>Those to whom the attendee of this line delegates.</summary>
    public static IReadOnlyList<EmailAddress> To(ContentLine attendee) => Addresses(attendee, "DELEGATED-TO");

    /// <summary>Those in whose place the attendee of this line says to come.</summary>
    public static IReadOnlyList<EmailAddress> From(ContentLine attendee) => Addresses(attendee, "DELEGATED-FROM");

    /// <summary>The line of the attendee who, in this component, sends <paramref name="delegatee"/> in their place; null when nobody does.</summary>
    public static ContentLine? Of(IEnumerable<ContentLine> lines, EmailAddress delegatee) =>
        lines.FirstOrDefault(l => l.Name == "ATTENDEE" && SchedulingObject.Participation(l) == Delegated && To(l).Contains(delegatee));

    /// <summary>The line with the delegates that an answer names; without any when it delegates no longer.</summary>
    public static ContentLine Answered(ContentLine known, ContentLine answer)
    {
        var to = SchedulingObject.Participation(answer) == Delegated ? To(answer) : [];
        return ComponentDraft.WithAll(known, "DELEGATED-TO", [.. to.Select(Written)]);
    }

    /// <summary>A delegate, invited as the other was. Of what they write about themselves nothing is believed but the answer.</summary>
    public static ContentLine Invite(ContentLine delegator, EmailAddress delegatee)
    {
        var from = CalendarAddress.Parse(delegator.Text) ?? throw new ArgumentException("nobody delegates", nameof(delegator));
        List<ContentParameter> parameters = [.. delegator.Parameters.Where(static p => p.Name is "ROLE" or "RSVP")];
        parameters.Add(new ContentParameter("DELEGATED-FROM", [Written(from)]));
        return ComponentDraft.Make("ATTENDEE", parameters, Written(delegatee));
    }

    private static IReadOnlyList<EmailAddress> Addresses(ContentLine line, string parameter) =>
        [.. line.Parameters.Where(p => p.Name == parameter).SelectMany(static p => p.Values).Take(Most).Select(CalendarAddress.Parse).OfType<EmailAddress>()];

    private static string Written(EmailAddress address) => "mailto:" + address;
}
