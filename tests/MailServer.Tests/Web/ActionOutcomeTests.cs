using Akka.Actor;
using MailServer.Actors.Queue;
using MailServer.Commands;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Web.Listeners;
using MailServer.Web.Pages;
using MailServer.Web.Pages.Serving;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Tests.Web;

/// <summary>
/// Every action of the page, the admin API and the command line that changes something, for an object that does not exist or is in that state already: none reports a
/// success. An action without a row fails the test.
/// </summary>
public sealed class ActionOutcomeTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Missing = "nobody%40example.org";
    private const string NoMessage = "id=1790000000.M1P2Q3.mail.example.org";
    private static int Sequence;

    private string _paused = "";

    /// <summary>Path, form fields, and what the page must say. HELD and FREE are the ids of queued messages.</summary>
    private static readonly (string Path, string Fields, string Says)[] PageRows =
    [
        ("/sign-in", "address=" + Missing + "&password=wrong", "is wrong"),
        ("/sign-in/code", "code=123456", "took too long"),
        ("/invitation", "key=wrong&new=another+good+passphrase+7&again=another+good+passphrase+7", "This link is not valid"),
        ("/me/security/password", "current=wrong&new=another+good+passphrase+7&again=another+good+passphrase+7", "The current password is wrong"),
        ("/me/security/password", "current=PASSWORD&new=another+good+passphrase+7&again=other", "differ"),
        ("/me/security/codes/confirm", "current=PASSWORD&code=123456", "Begin again"),
        ("/me/security/codes/recovery", "current=PASSWORD", "Turn on codes first"),
        ("/me/security/codes/end", "current=PASSWORD", "Nothing changed: codes are off already."),
        ("/me/devices/add", "current=PASSWORD&name=&scope=mail", "Give the device a name"),
        ("/me/devices/add", "current=PASSWORD&name=phone&scope=none", "Choose what"),
        ("/me/devices/remove", "name=nothing", "No app password 'nothing'."),
        ("/me/devices/require", "current=PASSWORD&only=no", "Nothing changed: device passwords are not required."),
        ("/me/sign-ins/end", "id=missing", "has ended already"),
        ("/me/sign-ins/disconnect", "id=missing", "has ended already"),
        ("/me/calendars/share", "collection=calendars/missing&with=ben%40example.org&access=read", "has no calendar"),
        ("/me/calendars/share", "collection=calendars/calendar&with=" + Missing, "has no account here"),
        ("/me/calendars/unshare", "collection=calendars/calendar&with=ben%40example.org", "is not shared with ben@example.org"),
        ("/me/calendars/link", "collection=calendars/missing", "has no calendar"),
        ("/me/calendars/unlink", "collection=calendars/calendar", "has no secret link"),
        ("/me/calendars/import", "collection=calendars/calendar", "Choose a file"),
        ("/me/data/import", "x=y", "Choose a file"),
        ("/me/rules/save", "number=77&place=delete", "There is no rule 77."),
        ("/me/rules/save", "name=x", "Say what the rule does."),
        ("/me/rules/save", "place=delete&version=outdated", "The rules were changed elsewhere in the meantime"),
        ("/me/rules/move", "number=77&position=1", "There is no rule 77."),
        ("/me/rules/switch", "number=77&on=yes", "There is no rule 77."),
        ("/me/rules/remove", "number=77", "There is no rule 77."),
        ("/me/rules/apply", "folder=Missing&number=all", "There is no folder of this name."),
        ("/me/rules/apply", "folder=INBOX&number=77", "There is no rule 77."),
        ("/me/rules/activate", "include=yes", "No script of another program is active."),
        ("/me/rules/include", "name=missing", "There is no script 'missing'"),
        ("/me/rules/include", "name=", "Nothing changed: it is so already."),
        ("/me/rules/replace", "x=y", "Nothing is to be replaced: the rules can be edited."),
        ("/me/forwarding/ask", "current=PASSWORD&address=nobody", "“nobody” is not an email address."),
        ("/me/forwarding/ask", "current=PASSWORD&address=ann%40example.org", "This is the user's own address."),
        ("/me/forwarding/confirm", "confirmation=abcd", "The code is wrong, or has expired."),
        ("/me/forwarding/set", "target=ben%40example.net", "has not agreed to get forwarded mail"),
        ("/me/forwarding/set", "target=", "Nothing changed: mail is forwarded like that already."),
        ("/me/forwarding/forget", "address=ben%40example.net", "Ben@example.net is not in the list."),
        ("/me/out-of-office/save", "text=", "Write the text of the reply."),
        ("/me/out-of-office/save", "text=x&zone=Nowhere", "'Nowhere' is not a time zone"),
        ("/me/out-of-office/off", "x=y", "Nothing changed: automatic replies are off already."),
        ("/admin/domains/add", "domain=example.org", "already hosted here"),
        ("/admin/domains/remove", "domain=missing.example&typed=missing.example", "is not hosted here"),
        ("/admin/domains/quota", "domain=missing.example&size=5G", "is not hosted here"),
        ("/admin/domains/quota", "domain=example.org&size=none", "Nothing changed: the domain has this quota already."),
        ("/admin/domains/catch-all", "domain=missing.example&targets=ann%40example.org", "is not hosted here"),
        ("/admin/domains/catch-all", "domain=example.org&targets=", "Nothing changed: the domain has this catch-all already."),
        ("/admin/domains/mta-sts", "domain=missing.example&mode=testing", "is not hosted here"),
        ("/admin/domains/mta-sts", "domain=example.org&mode=default", "Nothing changed: the domain has this mode already."),
        ("/admin/domains/comment", "domain=missing.example&comment=x", "is not hosted here"),
        ("/admin/domains/comment", "domain=example.org&comment=", "Nothing changed: the domain has this comment already."),
        ("/admin/domains/enable", "domain=missing.example", "is not hosted here"),
        ("/admin/domains/enable", "domain=example.org", "Nothing changed: the domain is enabled already."),
        ("/admin/domains/disable", "domain=missing.example", "is not hosted here"),
        ("/admin/domains/disable", "domain=example.org", "You cannot disable the domain of your own account"),
        ("/admin/domains/dkim/rotate", "domain=missing.example", "There is no such page"),
        ("/admin/domains/dkim/activate", "domain=example.org", "has no next key"),
        ("/admin/domains/dkim/retire", "domain=example.org&selector=missing", "no active or next key 'missing'"),
        ("/admin/accounts/add", "address=ben%40example.org&new=another+good+passphrase+7", "already exists"),
        ("/admin/accounts/add", "address=x%40example.org&how=none", "Choose where the password comes from"),
        ("/admin/accounts/import", "what=add", "Choose a file"),
        ("/admin/accounts/invitation/add", "current=PASSWORD&days=7&address=" + Missing, "No user"),
        ("/admin/accounts/invitation/add", "current=PASSWORD&days=5000&address=ben%40example.org", "Choose how long the link is valid"),
        ("/admin/accounts/invitation/remove", "address=ben%40example.org", "There is no invitation of"),
        ("/admin/accounts/remove", "address=" + Missing + "&typed=nobody%40example.org", "No user"),
        ("/admin/accounts/password", "current=PASSWORD&address=" + Missing + "&new=another+good+passphrase+7", "No user"),
        ("/admin/accounts/quota", "address=" + Missing + "&size=5G", "No user"),
        ("/admin/accounts/quota", "address=ben%40example.org&size=", "Nothing changed: the account has this quota already."),
        ("/admin/accounts/enable", "address=" + Missing, "No user"),
        ("/admin/accounts/enable", "address=ben%40example.org", "Nothing changed: the account is enabled already."),
        ("/admin/accounts/disable", "address=" + Missing, "No user"),
        ("/admin/accounts/device", "address=ben%40example.org&name=nothing", "No app password"),
        ("/admin/accounts/codes", "current=PASSWORD&address=ben%40example.org", "Nothing changed: the account has no codes."),
        ("/admin/accounts/grant", "current=PASSWORD&address=ann%40example.org", "Nothing changed: the account is an administrator already."),
        ("/admin/accounts/grant", "current=PASSWORD&address=" + Missing, "No user"),
        ("/admin/accounts/revoke", "address=ben%40example.org", "Nothing changed: the account is not an administrator."),
        ("/admin/aliases/add", "address=known%40example.org&targets=ann%40example.org", "already has this target"),
        ("/admin/aliases/remove", "address=missing%40example.org&typed=missing%40example.org", "No alias"),
        ("/admin/aliases/targets/add", "address=known%40example.org&targets=ann%40example.org", "already has this target"),
        ("/admin/aliases/targets/add", "address=missing%40example.org&targets=ann%40example.org", "No alias"),
        ("/admin/aliases/targets/remove", "address=known%40example.org&target=ben%40example.org", "does not have this target"),
        ("/admin/aliases/targets/remove", "address=known%40example.org&target=ann%40example.org", "has no other target"),
        ("/admin/aliases/targets/remove", "address=missing%40example.org&target=ann%40example.org", "No alias"),
        ("/admin/aliases/comment", "address=known%40example.org&comment=", "Nothing changed: the alias has this comment already."),
        ("/admin/aliases/comment", "address=missing%40example.org&comment=x", "No alias"),
        ("/admin/aliases/enable", "address=known%40example.org", "Nothing changed: the alias is enabled already."),
        ("/admin/aliases/enable", "address=missing%40example.org", "No alias"),
        ("/admin/aliases/disable", "address=missing%40example.org", "No alias"),
        ("/admin/domains/alias-of", "domain=missing.example&other=example.org", "is not hosted here"),
        ("/admin/domains/alias-of", "domain=example.org&other=", "Nothing changed: the domain is no alias."),
        ("/admin/domains/alias-of", "domain=example.org&other=example.org", "A domain cannot be an alias of itself"),
        ("/admin/lists/add", "address=known%40example.org&owner=ann%40example.org&members=", "is an alias"),
        ("/admin/lists/add", "address=list%40example.org&owner=ann%40example.org&members=", "is a mailing list"),
        ("/admin/lists/remove", "address=missing%40example.org&typed=missing%40example.org", "No list"),
        ("/admin/lists/settings", "address=missing%40example.org&owner=ann%40example.org&name=&post=members&replies=author", "No list"),
        ("/admin/lists/settings", "address=list%40example.org&owner=ann%40example.org&name=&post=members&replies=author", "Nothing changed: the list has these settings already."),
        ("/admin/lists/members/add", "address=missing%40example.org&members=ann%40example.org", "No list"),
        ("/admin/lists/members/add", "address=list%40example.org&members=ann%40example.org", "Nothing changed: they are members already."),
        ("/admin/lists/members/add", "address=list%40example.org&members=list%40example.org", "cannot be its own member"),
        ("/admin/lists/members/remove", "address=list%40example.org&member=ben%40example.org", "does not have this member"),
        ("/admin/lists/enable", "address=list%40example.org", "Nothing changed: the list is enabled already."),
        ("/admin/lists/disable", "address=missing%40example.org", "No list"),
        ("/admin/queue/retry", NoMessage, "no longer in the queue"),
        ("/admin/queue/retry", "id=HELD", "The message is held, so it was not retried. Release it to resume delivery."),
        ("/admin/queue/hold", NoMessage, "no longer in the queue"),
        ("/admin/queue/hold", "id=HELD", "Nothing changed: the message is held already."),
        ("/admin/queue/release", NoMessage, "no longer in the queue"),
        ("/admin/queue/release", "id=FREE", "Nothing changed: the message is not held."),
        ("/admin/queue/delete", NoMessage, "no longer in the queue"),
        ("/admin/queue/retry", "id=PAUSED", "The message was not retried: its destination is paused."),
        ("/admin/queue/all/retry", "filter=", "Select the messages first."),
        ("/admin/queue/all/retry", "filter=domain%3Dheld.example", "Nothing changed. 1 message unchanged: held."),
        ("/admin/queue/all/retry", "filter=domain%3Dpaused.example", "Nothing changed. 1 message unchanged: paused."),
        ("/admin/queue/all/hold", "filter=domain%3Dheld.example", "Nothing changed. 1 message unchanged: held already."),
        ("/admin/queue/all/release", "filter=domain%3Dfree.example", "Nothing changed. 1 message unchanged: not held."),
        ("/admin/queue/all/delete", "filter=domain%3Dmissing.example&typed=delete", "Nothing changed: no message matches any more."),
        ("/admin/queue/test/send", "recipient=nobody&sender=ann%40example.org", "“nobody” is not an email address."),
        ("/admin/queue/test/send", "recipient=x%40elsewhere.example&sender=ann%40elsewhere.example", "is not an address of this server"),
        ("/admin/queue/test/send", "recipient=" + Missing + "&sender=ann%40example.org", "was refused: 550 5.1.1"),
        ("/admin/queue/pause", "domain=paused.example", "Nothing changed: mail to paused.example is paused already."),
        ("/admin/queue/resume", "domain=missing.example", "Mail to missing.example is not paused."),
        ("/admin/sessions/kick", "id=missing", "has ended already"),
        ("/admin/certificates/renew", "name=missing.example", "Nothing was ordered"),
        ("/admin/backups/run", "x=y", "No directory for backups is known"),
        ("/admin/backups/verify", "name=missing", "No directory for backups is known"),
        ("/admin/backups/restore", "name=missing&address=ann%40example.org", "No directory for backups is known"),
        ("/admin/backups/restore", "name=missing&address=" + Missing, "No user"),
        ("/admin/bans/add", "address=300.1.1.1", "is not an IP address"),
        ("/admin/bans/add", "address=198.51.100.7", "198.51.100.7 is in a network that is never banned"),
        ("/admin/bans/allow", "current=PASSWORD&address=0.0.0.0%2F0", "or is too wide"),
        ("/admin/bans/disallow", "address=192.0.2.0%2F24", "192.0.2.0/24 is not on the list."),
        ("/admin/bans/remove", "address=192.0.2.200", "192.0.2.200 is not banned."),
        ("/admin/health/rerun", "name=missing", "There is no check “missing”."),
    ];

    private static readonly (string Path, string Reason)[] PagesWithoutRow =
    [
        ("/sign-out", "ends the session of the request, which exists"),
        ("/me/sign-ins/end-others", "says whether there was another session (SignInsTests)"),
        ("/me/security/codes/begin", "only shows a secret; nothing changes before it is confirmed"),
    ];

    /// <summary>Endpoint, request target, and the status, with a text of the body if there is one.</summary>
    private static readonly (string Endpoint, string Target, int Status, string Says)[] ApiRows =
    [
        ("POST queue/{id}/retry", "queue/1790000000.M1P2Q3.x/retry", 404, ""),
        ("POST queue/{id}/retry", "queue/HELD/retry", 409, "release it with 'mailserver queue release HELD'"),
        ("POST queue/{id}/retry", "queue/PAUSED/retry", 409, "its destination is paused"),
        ("PUT queue/paused/{domain}", "queue/paused/paused.example", 200, "\"changed\":false,\"reason\":\"it is paused already\""),
        ("PUT queue/paused/{domain}", "queue/paused/wrong..example", 400, "is not a domain name or *"),
        ("DELETE queue/paused/{domain}", "queue/paused/missing.example", 200, "\"changed\":false,\"reason\":\"it is not paused\""),
        ("POST queue/{id}/hold", "queue/1790000000.M1P2Q3.x/hold", 404, ""),
        ("POST queue/{id}/hold", "queue/HELD/hold", 200, "\"messages\":0,\"recipients\":0,\"unchanged\":1,\"reason\":\"held already\""),
        ("POST queue/{id}/release", "queue/FREE/release", 200, "\"reason\":\"not held\""),
        ("POST queue/{id}/release", "queue/1790000000.M1P2Q3.x/release", 404, ""),
        ("DELETE queue/{id}", "queue/1790000000.M1P2Q3.x", 404, ""),
        ("POST queue/retry", "queue/retry", 400, ""),
        ("POST queue/retry", "queue/retry?domain=held.example", 200, "\"messages\":0,\"recipients\":0,\"unchanged\":1,\"reason\":\"held; release"),
        ("POST queue/retry", "queue/retry?domain=paused.example", 200, "\"messages\":0,\"recipients\":0,\"unchanged\":1,\"reason\":\"paused; resume with"),
        ("POST queue/hold", "queue/hold?domain=missing.example", 200, "\"messages\":0,\"recipients\":0,\"unchanged\":0"),
        ("POST queue/release", "queue/release?domain=free.example", 200, "\"messages\":0,\"recipients\":0,\"unchanged\":1,\"reason\":\"not held\""),
        ("DELETE queue", "queue?domain=missing.example", 200, "\"messages\":0,\"recipients\":0,\"unchanged\":0"),
        ("POST queue/test", "queue/test?to=wrong", 400, "is not an email address"),
        ("POST queue/test", "queue/test?to=x@elsewhere.example&from=y@elsewhere.example", 409, "is not an address of this server"),
        ("POST queue/test", "queue/test?to=" + Missing + "&from=ann@example.org", 200, "\"accepted\":false,\"reply\":\"550 5.1.1"),
        ("PUT users/{address}", "users/ben@example.org?mode=generate", 409, "already exists"),
        ("PUT users/{address}", "users/new@example.org", 400, "mode must be generate or invite"),
        ("POST users/{address}/invitation", "users/" + Missing + "/invitation", 404, "no user"),
        ("POST users/{address}/invitation", "users/ben@example.org/invitation?seconds=0", 400, "seconds must be"),
        ("DELETE users/{address}/invitation", "users/ben@example.org/invitation", 404, "there is no invitation of"),
        ("POST users/import", "users/import", 200, "\"added\":0"),
        ("PUT domains/{domain}", "domains/example.org", 409, "already hosted here"),
        ("PUT domains/{domain}", "domains/wrong..example", 400, "is not a domain name"),
        ("DELETE domains/{domain}", "domains/missing.example", 404, "is not hosted here"),
        ("DELETE domains/{domain}", "domains/example.org", 409, "still has accounts"),
        ("PUT domains/{domain}/quota", "domains/missing.example/quota?size=5G", 404, "is not hosted here"),
        ("PUT domains/{domain}/quota", "domains/example.org/quota?size=lots", 400, "size must be"),
        ("PUT domains/{domain}/quota", "domains/example.org/quota?size=none", 200, "\"changed\":false,\"reason\":\"the domain has this quota already\""),
        ("PUT domains/{domain}/catch-all", "domains/missing.example/catch-all?targets=ann@example.org", 404, "is not hosted here"),
        ("PUT domains/{domain}/catch-all", "domains/example.org/catch-all?targets=wrong", 400, "is not an email address"),
        ("PUT domains/{domain}/catch-all", "domains/example.org/catch-all?targets=none", 200, "\"changed\":false"),
        ("PUT domains/{domain}/mta-sts", "domains/missing.example/mta-sts?mode=none", 404, "is not hosted here"),
        ("PUT domains/{domain}/mta-sts", "domains/example.org/mta-sts?mode=often", 400, "mode must be"),
        ("PUT domains/{domain}/mta-sts", "domains/example.org/mta-sts?mode=default", 200, "\"changed\":false"),
        ("PUT domains/{domain}/comment", "domains/missing.example/comment?text=x", 404, "is not hosted here"),
        ("PUT domains/{domain}/comment", "domains/example.org/comment?text=", 200, "\"changed\":false"),
        ("POST domains/{domain}/enable", "domains/example.org/enable", 200, "\"changed\":false,\"reason\":\"the domain is enabled already\""),
        ("POST domains/{domain}/disable", "domains/missing.example/disable", 404, "is not hosted here"),
        ("DELETE aliases/{address}", "aliases/missing@example.org", 404, "no alias"),
        ("DELETE aliases/{address}", "aliases/wrong", 400, "is not an email address or @domain"),
        ("PUT aliases/{address}/targets/{target}", "aliases/known@example.org/targets/ann@example.org", 409, "already has this target"),
        ("PUT aliases/{address}/targets/{target}", "aliases/known@example.org/targets/wrong", 400, "is not an email address"),
        ("PUT aliases/{address}/targets/{target}", "aliases/x@missing.example/targets/ann@example.org", 404, "is not hosted here"),
        ("DELETE aliases/{address}/targets/{target}", "aliases/known@example.org/targets/ben@example.org", 404, "does not have this target"),
        ("DELETE aliases/{address}/targets/{target}", "aliases/known@example.org/targets/ann@example.org", 409, "has no other target"),
        ("PUT aliases/{address}/comment", "aliases/known@example.org/comment?text=", 200, "\"changed\":false,\"reason\":\"the alias has this comment already\""),
        ("PUT aliases/{address}/comment", "aliases/missing@example.org/comment?text=x", 404, "no alias"),
        ("POST aliases/{address}/enable", "aliases/known@example.org/enable", 200, "\"changed\":false,\"reason\":\"the alias is enabled already\""),
        ("POST aliases/{address}/disable", "aliases/missing@example.org/disable", 404, "no alias"),
        ("PUT domains/{domain}/alias-of", "domains/missing.example/alias-of?domain=example.org", 404, "is not hosted here"),
        ("PUT domains/{domain}/alias-of", "domains/example.org/alias-of?domain=wrong..example", 400, "must be a domain name or none"),
        ("PUT domains/{domain}/alias-of", "domains/example.org/alias-of?domain=none", 200, "\"changed\":false"),
        ("PUT domains/{domain}/alias-of", "domains/example.org/alias-of?domain=example.org", 409, "cannot be an alias of itself"),
        ("PUT lists/{address}", "lists/new@example.org", 400, "owner must be an email address"),
        ("PUT lists/{address}", "lists/new@missing.example?owner=ann@example.org", 404, "is not hosted here"),
        ("PUT lists/{address}", "lists/list@example.org?post=nobody", 400, "post must be"),
        ("PUT lists/{address}", "lists/list@example.org?post=members&replies=author", 200, "\"changed\":false,\"reason\":\"the list has these settings already\""),
        ("DELETE lists/{address}", "lists/missing@example.org", 404, "no list"),
        ("PUT lists/{address}/members/{member}", "lists/list@example.org/members/ann@example.org", 200, "\"changed\":false,\"reason\":\"it is a member already\""),
        ("PUT lists/{address}/members/{member}", "lists/list@example.org/members/wrong", 400, "is not an email address"),
        ("PUT lists/{address}/members/{member}", "lists/missing@example.org/members/ann@example.org", 404, "no list"),
        ("DELETE lists/{address}/members/{member}", "lists/list@example.org/members/ben@example.org", 404, "does not have this member"),
        ("POST lists/{address}/enable", "lists/list@example.org/enable", 200, "\"changed\":false,\"reason\":\"the list is enabled already\""),
        ("POST lists/{address}/disable", "lists/missing@example.org/disable", 404, "no list"),
        ("POST reports/dmarc/send", "reports/dmarc/send", 400, ""),
        ("POST reports/dmarc/send", "reports/dmarc/send?day=2026-01-01&domain=missing.example", 200, "[]"),
        ("POST reports/tls/send", "reports/tls/send?day=2026-01-01", 200, "[]"),
        ("POST tls/renew", "tls/renew?name=missing.example", 404, ""),
        ("POST tls/reload", "tls/reload", 200, "[]"),
        ("POST backup", "backup?directory=", 400, "directory must be an absolute path"),
        ("POST backups/run", "backups/run", 409, "no directory for backups is known"),
        ("POST backups/run", "backups/run?directory=here", 409, "directory must be an absolute path"),
        ("POST backups/verify", "backups/verify?directory=/nonexistent", 409, "there is no backup in /nonexistent"),
        ("POST backups/restore", "backups/restore?directory=/nonexistent&account=ann@example.org", 409, "there is no backup in /nonexistent"),
        ("POST backups/restore", "backups/restore?directory=/nonexistent&account=" + Missing, 404, "no user"),
        ("POST import/{account:long}", "import/999999", 404, ""),
        ("POST check/{account:long}", "check/999999", 404, ""),
        ("POST doctor/{check}", "doctor/missing", 404, ""),
        ("PUT log/{name}/{level}", "log/missing/debug", 404, ""),
        ("PUT bans/{**network}", "bans/300.1.1.1", 400, "is not an IP address or a network"),
        ("PUT bans/{**network}", "bans/198.51.100.0/28", 409, "never banned"),
        ("DELETE bans/{**network}", "bans/192.0.2.200", 404, ""),
        ("DELETE bans/{**network}", "bans/192.0.2.0/24", 404, ""),
        ("PUT allowed/{**network}", "allowed/0.0.0.0/0", 400, "is not an IP address or a network"),
        ("DELETE allowed/{**network}", "allowed/192.0.2.0/24", 404, ""),
        ("PUT sharing", "sharing?folder=INBOX&guest=anyone&rights=lr&account=" + Missing, 404, ""),
        ("PUT sharing", "sharing?account=ann%40example.org&folder=Missing&guest=anyone&rights=lr", 409, "no folder 'Missing'"),
        ("PUT sharing", "sharing?account=ann%40example.org&folder=INBOX&rights=lr&guest=" + Missing, 409, "no user"),
        ("PUT sharing", "sharing?account=ann%40example.org&folder=INBOX&guest=anyone&rights=lq", 409, "rights are letters"),
        ("POST sessions/{id}/kick", "sessions/missing/kick", 404, ""),
        ("DELETE page-sessions/{id}", "page-sessions/missing", 404, ""),
        ("DELETE page-sessions", "page-sessions?account=" + Missing, 404, ""),
        ("POST dav/import", "dav/import?account=" + Missing, 404, "no user"),
        ("POST dav/share", "dav/share?account=ann%40example.org&collection=calendar&with=" + Missing + "&access=Read", 404, "no user"),
        ("POST dav/share", "dav/share?account=ann%40example.org&collection=calendar&with=ben%40example.org&access=None", 404, "is not shared with"),
        ("POST dav/link", "dav/link?account=ann%40example.org&collection=missing", 404, "has no calendar"),
        ("PUT sieve/script", "sieve/script?name=main&account=" + Missing, 404, "no user"),
        ("PUT sieve/script", "sieve/script?account=ann%40example.org", 409, "the name of a script has 1 to 512 octets"),
        ("DELETE sieve/script", "sieve/script?account=ann%40example.org&name=missing", 404, "there is no script"),
        ("PUT sieve/name", "sieve/name?account=ann%40example.org&name=missing&to=other", 404, "there is no script"),
        ("PUT sieve/active", "sieve/active?account=ann%40example.org&name=missing", 404, "there is no script"),
        ("DELETE sieve/active", "sieve/active?account=ann%40example.org", 200, "\"changed\":false"),
        ("POST sieve/test", "sieve/test?account=ann%40example.org&name=missing", 404, "there is no script"),
        ("POST sieve/run", "sieve/run?account=ann%40example.org&folder=Missing", 404, "there is no folder"),
        ("POST rules", "rules?account=ann%40example.org", 400, "the body is not such a JSON document"),
        ("PUT rules/rule", "rules/rule?account=ann%40example.org", 400, "number is missing"),
        ("DELETE rules/rule", "rules/rule?account=ann%40example.org&number=77", 404, "there is no rule 77"),
        ("PUT rules/position", "rules/position?account=ann%40example.org&number=77&position=1", 404, "there is no rule 77"),
        ("PUT rules/enabled", "rules/enabled?account=ann%40example.org&number=77&value=maybe", 400, "value must be true or false"),
        ("PUT rules/enabled", "rules/enabled?account=ann%40example.org&number=77&value=true", 404, "there is no rule 77"),
        ("PUT rules/active", "rules/active?account=ann%40example.org&include=true", 409, "no script of another program is active"),
        ("PUT rules/included", "rules/included?account=ann%40example.org&name=missing", 404, "there is no script 'missing'"),
        ("PUT rules/included", "rules/included?account=ann%40example.org", 200, "\"changed\":false"),
        ("POST rules/replace", "rules/replace?account=ann%40example.org", 409, "nothing is to be replaced"),
        ("POST rules/run", "rules/run?account=ann%40example.org&folder=a//b", 400, "cannot be the name of a folder"),
        ("POST rules/run", "rules/run?account=ann%40example.org&number=77", 404, "there is no rule 77"),
        ("POST forwarding/ask", "forwarding/ask?account=ann%40example.org&to=nobody", 400, "is not an email address"),
        ("POST forwarding/ask", "forwarding/ask?account=ann%40example.org&to=ann%40example.org", 409, "own address"),
        ("POST forwarding/confirm", "forwarding/confirm?account=ann%40example.org&code=abcd", 409, "the code is wrong"),
        ("PUT forwarding", "forwarding?account=ann%40example.org&to=ben%40example.net", 409, "has not agreed"),
        ("PUT forwarding", "forwarding?account=ann%40example.org", 200, "\"changed\":false"),
        ("DELETE forwarding/address", "forwarding/address?account=ann%40example.org&to=ben%40example.net", 404, "is not in the list"),
        ("PUT out-of-office", "out-of-office?account=" + Missing, 404, "no user"),
        ("PUT out-of-office", "out-of-office?account=ann%40example.org", 400, "the body is not such a JSON document"),
        ("DELETE out-of-office", "out-of-office?account=ann%40example.org", 200, "\"changed\":false"),
        ("DELETE dav/link", "dav/link?account=ann%40example.org&collection=calendar", 404, "has no secret link"),
    ];

    /// <summary>Command, exit code, and what it must print.</summary>
    private static readonly (string Command, string[] Arguments, int Code, string Says)[] CommandRows =
    [
        ("domain add", ["example.org"], 1, "already hosted here"),
        ("domain remove", ["missing.example"], 1, "is not hosted here"),
        ("domain quota", ["missing.example", "5G"], 1, "is not hosted here"),
        ("domain quota", ["example.org", "none"], 0, "nothing changed: example.org has this quota already"),
        ("domain catch-all", ["missing.example", "ann@example.org"], 1, "is not hosted here"),
        ("domain catch-all", ["example.org", "none"], 0, "nothing changed: example.org has this catch-all already"),
        ("domain mta-sts", ["missing.example", "enforce"], 1, "is not hosted here"),
        ("domain mta-sts", ["example.org", "often"], 2, "is not a mode"),
        ("domain mta-sts", ["example.org", "default"], 0, "nothing changed: example.org has this MTA-STS mode already"),
        ("domain comment", ["missing.example", "x"], 1, "is not hosted here"),
        ("domain comment", ["example.org", ""], 0, "nothing changed: example.org has this comment already"),
        ("domain disable", ["missing.example"], 1, "is not hosted here"),
        ("domain enable", ["example.org"], 0, "nothing changed: example.org is enabled already"),
        ("user add", ["ben@example.org", "--password", "another good passphrase 7"], 1, "already exists"),
        ("user add", ["x@example.org", "--generate", "--invite"], 2, "give only one of"),
        ("user import", ["/nonexistent"], 1, "/nonexistent"),
        ("user invitation add", ["nobody@example.org"], 1, "no user"),
        ("user invitation remove", ["ben@example.org"], 1, "there is no invitation of"),
        ("user passwd", ["nobody@example.org", "--password", "another good passphrase 7"], 1, "no user"),
        ("user quota", ["nobody@example.org", "5G"], 1, "no user"),
        ("user quota", ["ben@example.org", "default"], 0, "nothing changed: ben@example.org has this quota already"),
        ("user remove", ["nobody@example.org"], 1, "no user"),
        ("user disable", ["nobody@example.org"], 1, "no user"),
        ("user enable", ["ben@example.org"], 0, "nothing changed: ben@example.org is enabled already"),
        ("shared add", ["ben@example.org"], 1, "already exists"),
        ("shared remove", ["ben@example.org"], 1, "no shared mailbox 'ben@example.org'"),
        ("shared grant", ["ann@example.org", "INBOX", "nobody@example.org", "lr"], 1, "no user 'nobody@example.org'"),
        ("shared grant", ["ann@example.org", "INBOX", "ben@example.org", "lq"], 2, "is not a list of rights"),
        ("shared revoke", ["nobody@example.org", "INBOX", "ben@example.org"], 1, "no user or shared mailbox"),
        ("user recover", ["nobody@missing.example"], 1, "missing.example"),
        ("user app-password add", ["nobody@example.org", "phone"], 1, "no user"),
        ("user app-password remove", ["ben@example.org", "nothing"], 1, "no app password 'nothing'"),
        ("user app-password require", ["ben@example.org", "--off"], 0, "nothing changed: ben@example.org may use"),
        ("user admin grant", ["ann@example.org"], 0, "nothing changed: ann@example.org is an administrator already"),
        ("user admin revoke", ["ben@example.org"], 0, "nothing changed: ben@example.org is not an administrator"),
        ("user totp enable", ["nobody@example.org"], 1, "no user"),
        ("user totp recovery-codes", ["ben@example.org"], 1, "ben@example.org signs in without a code; turn codes on first"),
        ("user totp disable", ["ben@example.org"], 0, "nothing changed: ben@example.org signs in without a code"),
        ("domain alias-of", ["missing.example", "example.org"], 1, "is not hosted here"),
        ("domain alias-of", ["example.org", "none"], 0, "nothing changed: example.org is no alias"),
        ("domain alias-of", ["example.org", "example.org"], 1, "cannot be an alias of itself"),
        ("lists add", ["known@example.org", "--owner", "ann@example.org"], 1, "is an alias"),
        ("lists add", ["x@example.org", "x@example.org", "--owner", "ann@example.org"], 1, "cannot be its own member"),
        ("lists set", ["missing@example.org", "--replies", "list"], 1, "no list"),
        ("lists set", ["list@example.org", "--replies", "author"], 0, "nothing changed: list@example.org has these settings already"),
        ("lists set", ["list@example.org", "--post", "nobody"], 2, "is not one of members, anyone, owner"),
        ("lists subscribe", ["missing@example.org", "ann@example.org"], 1, "no list"),
        ("lists subscribe", ["list@example.org", "ann@example.org"], 0, "nothing changed: it is a member of list@example.org already"),
        ("lists unsubscribe", ["list@example.org", "ben@example.org"], 1, "does not have this member"),
        ("lists disable", ["missing@example.org"], 1, "no list"),
        ("lists enable", ["list@example.org"], 0, "nothing changed: list@example.org is enabled already"),
        ("lists remove", ["missing@example.org"], 1, "no list"),
        ("alias add", ["list@example.org", "ann@example.org"], 1, "is a mailing list"),
        ("alias add", ["*@example.org", "ann@example.org"], 1, "must have one or two '*'"),
        ("alias add", ["known@example.org", "ann@example.org"], 1, "already has this target"),
        ("alias remove", ["missing@example.org"], 1, "no alias"),
        ("alias remove", ["known@example.org", "ann@example.org"], 1, "has no other target"),
        ("alias remove", ["known@example.org", "ben@example.org"], 1, "does not have this target"),
        ("alias comment", ["missing@example.org", "x"], 1, "no alias"),
        ("alias comment", ["known@example.org", ""], 0, "nothing changed: known@example.org has this comment already"),
        ("alias disable", ["missing@example.org"], 1, "no alias"),
        ("alias enable", ["known@example.org"], 0, "nothing changed: known@example.org is enabled already"),
        ("dkim generate", ["--domain", "example.org"], 0, "there is a key already"),
        ("dkim activate", ["example.org"], 1, "has no next key"),
        ("dkim retire", ["example.org", "--selector", "missing"], 1, "no active or next key 'missing'"),
        ("tls reload", [], 1, "does not use certificate files"),
        ("tls renew", [], 1, "nothing to renew"),
        ("dmarc report send", ["--domain", "missing.example"], 0, "nothing to report for"),
        ("tls-report send", [], 0, "nothing to report for"),
        ("queue retry", ["1790000000.M1P2Q3.x"], 1, "no message"),
        ("queue retry", ["HELD"], 1, "message 'HELD' is held and was not retried; release it with 'mailserver queue release HELD'"),
        ("queue retry", ["--domain", "held.example", "--yes"], 0, "nothing changed; 1 message unchanged: held; release with 'mailserver queue release'"),
        ("queue retry", ["PAUSED"], 1, "was not retried: its destination is paused; resume it with 'mailserver queue resume'"),
        ("queue test", ["wrong"], 2, "is not an email address"),
        ("queue test", ["x@elsewhere.example", "--from", "y@elsewhere.example"], 1, "is not an address of this server"),
        ("queue test", ["nobody@example.org", "--from", "ann@example.org"], 1, "not delivered: 550 5.1.1"),
        ("queue pause", ["paused.example"], 0, "nothing changed: mail to paused.example: it is paused already"),
        ("queue pause", [], 2, "give either a domain or --all"),
        ("queue resume", ["missing.example"], 0, "nothing changed: mail to missing.example: it is not paused"),
        ("queue hold", ["HELD"], 0, "nothing changed: message 'HELD': held already"),
        ("queue hold", ["1790000000.M1P2Q3.x"], 1, "no message"),
        ("queue release", ["FREE"], 0, "nothing changed: message 'FREE': not held"),
        ("queue release", ["1790000000.M1P2Q3.x"], 1, "no message"),
        ("queue delete", ["1790000000.M1P2Q3.x"], 1, "no message"),
        ("sessions kick", ["missing"], 1, "no open session 'missing'"),
        ("sessions page end", ["missing"], 1, "no open session 'missing'"),
        ("sessions page end", ["--account", "nobody@example.org"], 1, "no user 'nobody@example.org'"),
        ("sessions page end", ["--account", "ben@example.org"], 0, "nothing changed: ben@example.org is not signed in"),
        ("log level", ["missing", "debug"], 2, "no component 'missing'"),
        ("bans add", ["300.1.1.1"], 2, "is not an IP address"),
        ("bans add", ["198.51.100.7"], 1, "the address is in a network that is never banned"),
        ("bans remove", ["192.0.2.200"], 1, "192.0.2.200 is not banned"),
        ("bans allow add", ["10.1"], 2, "is not an IP address"),
        ("bans allow remove", ["192.0.2.0/24"], 1, "192.0.2.0/24 is not on the list"),
        ("cluster leave", [], 1, "clustering is not enabled"),
        ("cluster down", ["--node", "b"], 1, "clustering is not enabled"),
        ("cluster move", ["ann@example.org", "b"], 1, "clustering is not enabled"),
        ("cluster migrate", [], 1, "cluster"),
        ("backup", ["DATA"], 1, ""),
        ("import maildir", ["/nonexistent", "--account", "ann@example.org"], 1, "/nonexistent"),
        ("import mbox", ["/nonexistent", "--account", "ann@example.org"], 1, "/nonexistent"),
        ("import imap", ["imaps://ann@127.0.0.1:1", "--account", "nobody@example.org"], 2, "no password"),
        ("dav import", ["ann@example.org", "calendar", "/nonexistent"], 1, "/nonexistent"),
        ("dav share", ["ann@example.org", "missing", "--with", "ben@example.org"], 1, "has no calendar"),
        ("dav unshare", ["ann@example.org", "calendar", "--with", "ben@example.org"], 1, "is not shared with ben@example.org"),
        ("dav link", ["ann@example.org", "missing"], 1, "has no calendar"),
        ("dav unlink", ["ann@example.org", "calendar"], 1, "has no secret link"),
        ("sieve put", ["ann@example.org", "main", "/nonexistent"], 1, "no file '/nonexistent'"),
        ("sieve import", ["ann@example.org", "/nonexistent"], 1, "no directory '/nonexistent'"),
        ("sieve run", ["ann@example.org", "Missing"], 1, "there is no folder of this name"),
        ("rules add", ["ann@example.org", "--then", "bounce"], 1, "'bounce' is not an action"),
        ("rules add", ["ann@example.org", "--if", "sender is x", "--then", "stop"], 1, "'sender is x' is not a condition"),
        ("rules change", ["ann@example.org", "77", "--name", "x"], 1, "there is no rule 77"),
        ("rules enable", ["ann@example.org", "77"], 1, "there is no rule 77"),
        ("rules disable", ["ann@example.org", "77"], 1, "there is no rule 77"),
        ("rules remove", ["ann@example.org", "77"], 1, "there is no rule 77"),
        ("rules move", ["ann@example.org", "77", "1"], 1, "there is no rule 77"),
        ("rules apply", ["ann@example.org", "Missing"], 1, "there is no folder of this name"),
        ("rules activate", ["ann@example.org", "--include"], 1, "no script of another program is active"),
        ("rules include", ["ann@example.org", "missing"], 1, "there is no script 'missing'"),
        ("rules include", ["ann@example.org", "none"], 0, "nothing changed: it is so already"),
        ("rules replace", ["ann@example.org"], 1, "nothing is to be replaced"),
        ("forwarding ask", ["ann@example.org", "nobody"], 1, "is not an email address"),
        ("forwarding confirm", ["ann@example.org", "abcd"], 1, "the code is wrong"),
        ("forwarding set", ["ann@example.org", "ben@example.net"], 1, "has not agreed"),
        ("forwarding off", ["ann@example.org"], 0, "nothing changed: mail is not forwarded"),
        ("forwarding forget", ["ann@example.org", "ben@example.net"], 1, "is not in the list"),
        ("out-of-office set", ["ann@example.org", "--text", "x", "--end", "soon"], 1, "'soon' is not a time"),
        ("out-of-office off", ["ann@example.org"], 0, "nothing changed: the automatic reply is off already"),
        ("sieve delete", ["ann@example.org", "missing"], 1, "there is no script of this name"),
        ("sieve rename", ["ann@example.org", "missing", "other"], 1, "there is no script of this name"),
        ("sieve activate", ["ann@example.org", "missing"], 1, "there is no script of this name"),
        ("sieve deactivate", ["ann@example.org"], 0, "nothing changed: no script of ann@example.org is active"),
        ("restore", ["/nonexistent"], 1, "the server is running"),
        ("restore", ["/nonexistent", "--account", "ann@example.org"], 1, "there is no backup in /nonexistent"),
        ("restore", ["/nonexistent", "--account", "nobody@example.org"], 1, "no user"),
        ("migrate", [], 1, "the server is running"),
    ];

    private static readonly (string Command, string Reason)[] CommandsWithoutRow =
    [
        ("dkim rotate", "creates keys for any domain, and refuses to create more before they are activated (DkimRotationTests)"),
        ("setup", "prompts for everything that exists (SetupCommandTests)"),
        ("check", "lists what it found and repaired (CheckCommandTests)"),
    ];

    private static readonly string[] ReadingCommands =
    [
        "doctor", "tls show", "dmarc report list", "dmarc report show", "tls-report list", "tls-report show", "queue list", "queue paused", "queue show", "queue trace", "status", "sessions list", "sessions show", "backup status", "dmarc report summary", "tls-report summary", "history",
        "sessions tail", "sessions top", "sessions page list", "mailboxes list", "mailboxes show", "shared rights", "actors tree", "bans list", "bans allow list", "cluster show", "cluster shards", "cluster events", "dav list", "dav export", "sieve list", "sieve get", "sieve test", "rules list", "rules try", "out-of-office show", "forwarding show",
    ];

    [Fact]
    public void Every_action_of_the_page_has_a_row() => Assert.Equal(
        PageRoutes.Routes(new PageSessions(Limits.Default, TimeProvider.System)).Where(static r => r.IsChange).Select(static r => r.Path).Order(StringComparer.Ordinal),
        PageRows.Select(static r => r.Path).Distinct().Concat(PagesWithoutRow.Select(static r => r.Path)).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_change_of_the_admin_API_has_a_row() => Assert.Equal(
        node.Endpoints.Where(static e => TestNode.ListenerOf(e) == WebListenerKind.AdminSocket).Select(NameOf).Where(static n => !n.StartsWith("GET ", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
        ApiRows.Select(static r => r.Endpoint).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_command_that_changes_something_has_a_row() => Assert.Equal(
        DataAccess.Commands.Where(static c => DataAccess.Of(c) is not (DataAccessMode.None or DataAccessMode.ReadOnly or DataAccessMode.RunsServer)).Order(StringComparer.Ordinal),
        CommandRows.Select(static r => r.Command).Distinct().Concat(CommandsWithoutRow.Select(static r => r.Command)).Concat(ReadingCommands).Order(StringComparer.Ordinal));

    [Fact]
    public async Task No_action_of_the_page_reports_a_success_that_did_not_happen()
    {
        var (held, free) = await ArrangeAsync();
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        using var nobody = PageVisitor.Anonymous(node);
        var wrong = new List<string>();
        foreach (var (path, fields, says) in PageRows)
        {
            var sent = fields.Replace("HELD", held, StringComparison.Ordinal).Replace("FREE", free, StringComparison.Ordinal).Replace("PAUSED", _paused, StringComparison.Ordinal).Replace("PASSWORD", Uri.EscapeDataString(TestNode.Password), StringComparison.Ordinal);
            var said = path.StartsWith("/sign-in", StringComparison.Ordinal) ? await nobody.PostAsync(path, sent, "/sign-in") : await ann.PostAsync(path, sent);
            if (!said.Contains(says, StringComparison.Ordinal)) wrong.Add($"{path} {fields}: “{said}” instead of “{says}”");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task No_change_of_the_admin_API_reports_a_success_that_did_not_happen()
    {
        var (held, free) = await ArrangeAsync();
        await using var http = new RawHttp(node.Doors.First(static d => d.Listener == WebListenerKind.AdminSocket));
        var wrong = new List<string>();
        foreach (var (endpoint, target, status, says) in ApiRows)
        {
            string Fill(string text) => text.Replace("HELD", held, StringComparison.Ordinal).Replace("FREE", free, StringComparison.Ordinal).Replace("PAUSED", _paused, StringComparison.Ordinal);
            var answer = await http.SendAsync(endpoint.Split(' ')[0], "/admin/v1/" + Fill(target), "localhost", body: []);
            if (answer.Status != status || !answer.Body.Contains(Fill(says).Replace("'", answer.Status == 200 ? "\\u0027" : "'", StringComparison.Ordinal), StringComparison.Ordinal))
                wrong.Add($"{endpoint} {target}: {answer.Status} {answer.Body}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task No_command_reports_a_success_that_did_not_happen()
    {
        var (held, free) = await ArrangeAsync();
        var wrong = new List<string>();
        foreach (var (command, arguments, code, says) in CommandRows)
        {
            string Fill(string text) => text.Replace("HELD", held, StringComparison.Ordinal).Replace("FREE", free, StringComparison.Ordinal).Replace("PAUSED", _paused, StringComparison.Ordinal).Replace("DATA", Path.Combine(node.Folder, "data"), StringComparison.Ordinal);
            var (ended, output, error) = await node.Commands.RunAsync([.. command.Split(' '), .. arguments.Select(Fill)]);
            if (ended != code || !(output + error).Contains(Fill(says), StringComparison.Ordinal)) wrong.Add($"{command} {string.Join(' ', arguments)}: {ended} {output}{error}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_free_message_is_retried_and_a_held_one_is_released()
    {
        var (held, free) = await ArrangeAsync();
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        Assert.Equal("The message is being retried (1 recipient).", await ann.PostAsync("/admin/queue/retry", "id=" + free));
        Assert.Equal("The message is released and is being retried (1 recipient).", await ann.PostAsync("/admin/queue/release", "id=" + held));
    }

    private static string NameOf(RouteEndpoint endpoint) => TestNode.NameOf(endpoint).Replace("/admin/v1/", "", StringComparison.Ordinal);

    /// <summary>One message that is held and one that is not, an alias, and a calendar.</summary>
    private async Task<(string Held, string Free)> ArrangeAsync()
    {
        await node.CliAsync("dav", "list", TestNode.Ann);
        await node.Commands.RunAsync("alias", "add", "known@example.org", TestNode.Ann);
        await node.Commands.RunAsync("lists", "add", "list@example.org", TestNode.Ann, "--owner", TestNode.Ann);
        await node.CliAsync("bans", "allow", "add", "198.51.100.0/24");
        await node.CliAsync("queue", "delete", "--domain", "held.example", "--yes");
        await node.CliAsync("queue", "delete", "--domain", "free.example", "--yes");
        await node.CliAsync("queue", "delete", "--domain", "paused.example", "--yes");
        await node.Commands.RunAsync("queue", "pause", "paused.example");
        _paused = await EnqueueAsync("paused.example", isHeld: false);
        return (await EnqueueAsync("held.example", isHeld: true), await EnqueueAsync("free.example", isHeld: false));
    }

    private async Task<string> EnqueueAsync(string domain, bool isHeld)
    {
        var now = DateTimeOffset.UtcNow;
        var item = new QueueItem
        {
            Message = SpoolId.New(now, Environment.ProcessId, 900_000 + Interlocked.Increment(ref Sequence), "mail.example.org"),
            MessageId = null,
            Sender = EmailAddress.Parse("boss@example.org"),
            QueuedAt = now,
            Size = 100,
            PrefixLength = 0,
            EightBit = false,
            SmtpUtf8 = false,
            IsHeld = isHeld,
            Recipients = [new QueueRecipient { Address = EmailAddress.Parse("r@" + domain), Attempts = 1, NextAttempt = now.AddDays(1) }],
        };
        await node.Actors.Get<QueueActor>().Ask<QueueProtocol.Enqueued>(new QueueProtocol.Enqueue(item), TimeSpan.FromMinutes(1));
        return item.Message.Value;
    }
}
