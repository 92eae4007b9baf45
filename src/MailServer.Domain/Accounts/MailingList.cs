using System.Diagnostics.CodeAnalysis;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Accounts;

/// <summary>Who may write to a mailing list.</summary>
public enum ListPosting
{
    Members,
    Anyone,
    Owner,
}

/// <summary>What an administrator decides about a mailing list.</summary>
/// <param name="Owner">Who gets bounces, and mail to <c>LIST-owner</c>.</param>
public sealed record MailingListSettings(EmailAddress Owner)
{
    /// <summary>The name that mail programs show; empty for none.</summary>
    public string Name { get; init; } = "";

    /// <summary>Who may write to the list. The owner always may.</summary>
    public ListPosting Posting { get; init; }

    /// <summary>True if an answer goes to the list, false if it goes to the author.</summary>
    public bool RepliesToList { get; init; }
}

/// <summary>A mailing list: a message to its address goes to all members, with the fields of RFC 2369 and RFC 2919, and bounces go to the owner.</summary>
/// <param name="Address">The address to write to.</param>
/// <param name="Settings">Its settings.</param>
public sealed record MailingList(EmailAddress Address, MailingListSettings Settings)
{
    /// <summary>The most members of a list: each post makes one envelope with all of them.</summary>
    public const int MostMembers = 500;

    /// <summary>The longest name in characters.</summary>
    public const int LongestName = 100;

    // The service addresses and the List-Id have the local part in them.
    private const int LongestLocal = 48;

    private const string OwnerPrefix = "owner-";

    private static readonly string[] ServiceSuffixes = ["-owner", "-bounces", "-request"];

    /// <summary>False if mail for the list is refused.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The members, in the order in which they were added.</summary>
    public IReadOnlyList<EmailAddress> Members { get; init; } = [];

    /// <summary>The address of the owner to write to.</summary>
    public EmailAddress OwnerAddress => Service("-owner");

    /// <summary>The envelope sender of its messages, which gets the bounces.</summary>
    public EmailAddress BounceAddress => Service("-bounces");

    /// <summary>The identifier of the list (RFC 2919 §2).</summary>
    public string Id => $"{Address.Local.ToLowerInvariant()}.{Address.Domain}";

    /// <summary>Whether an address can be that of a list: letters, digits, dots, dashes and underscores, so that it can be a List-Id, and no address of another list's owner.</summary>
    public static bool IsAddress(EmailAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.Local.Length <= LongestLocal && address.Local.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
            && !address.Local.StartsWith('.') && !address.Local.EndsWith('.') && !address.Local.Contains("..", StringComparison.Ordinal)
            && address.Domain[0] != '[' && !TryFindServed(address, out _);
    }

    /// <summary>Whether a text can be the name of a list: one line of limited length.</summary>
    public static bool IsName(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= LongestName && !text.Any(char.IsControl);
    }

    /// <summary>The list to which an address such as <c>team-owner@</c>, <c>team-bounces@</c>, <c>team-request@</c> or <c>owner-team@</c> would belong.</summary>
    public static bool TryFindServed(EmailAddress address, [NotNullWhen(true)] out EmailAddress? list)
    {
        ArgumentNullException.ThrowIfNull(address);
        list = null;
        var local = address.Local;
        var served = local.StartsWith(OwnerPrefix, StringComparison.OrdinalIgnoreCase) ? local[OwnerPrefix.Length..]
            : Array.Find(ServiceSuffixes, suffix => local.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) is { } suffix ? local[..^suffix.Length]
            : "";
        return served.Length > 0 && EmailAddress.TryCreate(served, address.Domain, out list);
    }

    private EmailAddress Service(string suffix) => EmailAddress.Parse($"{Address.Local}{suffix}@{Address.Domain}");
}

/// <summary>The names of <see cref="ListPosting"/> for people, and finding one list.</summary>
public static class MailingListText
{
    public static string Of(ListPosting posting) => posting switch
    {
        ListPosting.Members => "members",
        ListPosting.Anyone => "anyone",
        ListPosting.Owner => "owner",
        _ => throw new ArgumentOutOfRangeException(nameof(posting), posting, null),
    };

    public static bool TryParse(string? text, out ListPosting posting)
    {
        foreach (var each in Enum.GetValues<ListPosting>())
        {
            posting = each;
            if (Of(each) == text) return true;
        }

        posting = default;
        return false;
    }

    /// <summary>Returns a list with its members.</summary>
    /// <exception cref="DirectoryException">There is no such list.</exception>
    public static async ValueTask<MailingList> RequireListAsync(this IDirectoryAdministration directory, EmailAddress list, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(list);
        return (await directory.ListMailingListsAsync(list.Domain, cancel)).FirstOrDefault(l => l.Address.Equals(list)) ?? throw new DirectoryException(DirectoryRefusal.ListUnknown, list.ToString());
    }
}
