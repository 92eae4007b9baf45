using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Protocol.MailingLists;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Decides who gets a message that is addressed to mailing lists: who may post, the members, and the lists among them. Nobody gets a message twice through lists, and a list handles a message
/// once, so lists that are members of each other end. Stores nothing; safe for concurrent use.
/// </summary>
internal sealed class ListPlanner(DeliveryServices services)
{
    private static readonly SmtpReply Automatic = new(550, "5.7.1", "A mailing list does not take messages that were sent automatically");
    private static readonly SmtpReply NotAllowed = new(550, "5.7.1", "You are not allowed to write to this mailing list");
    private static readonly SmtpReply IsJunk = new(550, "5.7.1", "The checks of this server call the message junk, so the mailing list does not take it");
    private static readonly SmtpReply NoMembers = new(550, "5.3.2", "The mailing list has no members that can be reached");

    /// <summary>The message with what happens at each list; or with a refusal, if there is nobody else to get it.</summary>
    public async ValueTask<PreparedMessage> PlanAsync(PreparedMessage prepared, byte[] header, CancellationToken cancel)
    {
        if (prepared.Destinations.Lists.Count == 0) return prepared;
        var author = await AuthorAsync(prepared, cancel);
        var run = new Run(services, prepared, header, author);
        foreach (var (list, named) in prepared.Destinations.Lists.Values.ToArray()) await run.AddAsync(list, named, cancel);
        var posts = run.Posts;
        // One of several recipients cannot be refused after DATA: the sender is told later.
        var isAlone = prepared.Destinations.Accounts.Count == 0 && prepared.Destinations.Remote.Count == 0 && posts.TrueForAll(static p => p.Refusal is not null);
        return isAlone ? prepared with { Refusal = posts[0].Refusal } : prepared with { Posts = posts };
    }

    /// <summary>The author, and whether From can stay: it cannot if the policy of the author's domain would have the copies refused and we cannot sign for that domain.</summary>
    private async ValueTask<Author> AuthorAsync(PreparedMessage prepared, CancellationToken cancel)
    {
        if (prepared.Fields?.From is not [var author, ..]) return new Author(null, null);
        var isOurs = prepared.Accept.Transaction.Policy == SessionPolicy.Submission && await services.Addresses.IsHostedAsync(author.Domain, cancel) && services.Signer?.KeysOf(author.Domain).Count > 0;
        if (isOurs) return new Author(null, author.Domain);
        return services.Verifier is null || await services.Verifier.HasPolicyAsync(author.Domain, cancel) ? new Author(author, null) : new Author(null, null);
    }

    private sealed record Author(EmailAddress? Rewritten, string? OwnDomain);

    private sealed class Run(DeliveryServices services, PreparedMessage prepared, byte[] header, Author author)
    {
        private readonly HashSet<EmailAddress> _lists = [];
        private readonly HashSet<AccountId> _accounts = [];
        private readonly HashSet<EmailAddress> _remote = [];

        public List<ListPost> Posts { get; } = [];

        /// <summary>Adds a list to which the message is addressed, and then the lists among its members.</summary>
        public async ValueTask AddAsync(MailingList list, EmailAddress named, CancellationToken cancel)
        {
            if (!_lists.Add(list.Address)) return;
            var members = await MembersAsync(list, cancel);
            if (await FindRefusalAsync(list, members, cancel) is { } refusal)
            {
                Posts.Add(new ListPost(list, named, null) { Refusal = refusal });
                return;
            }

            await PostAsync(list, named, members, cancel);
        }

        private async ValueTask PostAsync(MailingList list, EmailAddress named, ResolvedRecipients members, CancellationToken cancel)
        {
            if (ListHeader.HasBeenThrough(header, list))
            {
                // Its members have the message. A refusal would come back to the owner of the list that sent it here.
                Posts.Add(new ListPost(list, named, null));
                return;
            }

            Posts.Add(new ListPost(list, named, WithoutKnown(members)) { RewrittenAuthor = author.Rewritten, OwnAuthorDomain = author.OwnDomain });
            foreach (var (inner, _) in members.Lists.Values)
                if (_lists.Add(inner.Address)) await PostAsync(inner, inner.Address, await MembersAsync(inner, cancel), cancel);
        }

        /// <summary>Members that do not exist any more do not affect the others.</summary>
        private async ValueTask<ResolvedRecipients> MembersAsync(MailingList list, CancellationToken cancel)
        {
            var members = new ResolvedRecipients();
            foreach (var member in list.Members) await services.Addresses.AddMemberAsync(members, member, cancel);
            return members;
        }

        private async ValueTask<SmtpReply?> FindRefusalAsync(MailingList list, ResolvedRecipients members, CancellationToken cancel)
        {
            if (prepared.Accept.Transaction.Sender is null || ListHeader.IsAutomatic(header)) return Automatic;
            if (prepared.QuarantineReason is not null) return IsJunk;
            if (!await MayPostAsync(list, members, cancel)) return NotAllowed;
            return members.Accounts.Count + members.Remote.Count + members.Lists.Count == 0 ? NoMembers : null;
        }

        private async ValueTask<bool> MayPostAsync(MailingList list, ResolvedRecipients members, CancellationToken cancel)
        {
            if (prepared.Fields?.From is not { Count: > 0 } authors) return false;
            if (list.Settings.Posting == ListPosting.Anyone) return true;
            var allowed = new ResolvedRecipients();
            await services.Addresses.AddMemberAsync(allowed, list.Settings.Owner, cancel);
            HashSet<AccountId> accounts = [.. allowed.Accounts.Keys];
            HashSet<EmailAddress> addresses = [list.Settings.Owner, .. allowed.Remote.Keys];
            if (list.Settings.Posting == ListPosting.Members)
            {
                accounts.UnionWith(members.Accounts.Keys);
                addresses.UnionWith([.. list.Members, .. members.Remote.Keys]);
            }

            // Our users have signed in, so they may use any of their addresses.
            if (prepared.Accept.Transaction.Account is { } account) return accounts.Contains(account.Id);
            foreach (var from in authors)
                if (!addresses.Contains(from) || !await IsGenuineAsync(from, cancel)) return false;
            return true;
        }

        /// <summary>An address of this server in mail from outside must be proven: everybody knows the members' addresses.</summary>
        private async ValueTask<bool> IsGenuineAsync(EmailAddress from, CancellationToken cancel) =>
            prepared.Verdict is null || !await services.Addresses.IsHostedAsync(from.Domain, cancel)
            || prepared.Verdict.Results.Any(static r => r.StartsWith("dmarc=pass", StringComparison.Ordinal));

        private ResolvedRecipients WithoutKnown(ResolvedRecipients members)
        {
            var fresh = new ResolvedRecipients();
            foreach (var (account, named) in members.Accounts)
                if (_accounts.Add(account)) fresh.Add(account, named);
            foreach (var (address, named) in members.Remote)
                if (_remote.Add(address)) fresh.Remote.Add(address, named);
            return fresh;
        }
    }
}
