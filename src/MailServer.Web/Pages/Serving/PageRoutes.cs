using MailServer.Web.Pages.Admin;
using MailServer.Web.Pages.Self;
using MailServer.Web.Pages.SignIn;

namespace MailServer.Web.Pages.Serving;

/// <summary>The routes of all pages and actions.</summary>
internal static class PageRoutes
{
    public static IEnumerable<PageRoute> Routes(PageSessions sessions) =>
    [
        .. StartPage.Routes(),
        .. SignInPage.Routes(sessions),
        .. InvitationPage.Routes(),
        .. HomePage.Routes(),
        .. RulesPage.Routes(),
        .. OutOfOfficePage.Routes(),
        .. ForwardingPage.Routes(),
        .. DevicesPage.Routes(),
        .. SecurityPage.Routes(sessions),
        .. SignInsPage.Routes(sessions),
        .. DeviceSetupPage.Routes(),
        .. CalendarsPage.Routes(),
        .. DataPage.Routes(),
        .. OverviewPage.Routes(),
        .. HealthPage.Routes(),
        .. DomainsPage.Routes(),
        .. DomainPage.Routes(),
        .. DkimPage.Routes(),
        .. AccountsPage.Routes(),
        .. NewAccountsPage.Routes(),
        .. AliasesPage.Routes(),
        .. MailingListsPage.Routes(),
        .. QueuePage.Routes(),
        .. QueueControlPage.Routes(),
        .. DeliveryTestPage.Routes(),
        .. SessionsPage.Routes(),
        .. CertificatesPage.Routes(),
        .. HistoryPage.Routes(),
        .. BackupsPage.Routes(),
        .. LogsPage.Routes(),
        .. BansPage.Routes(),
        .. ReportsPage.Routes(),
        .. ClusterPage.Routes(),
    ];
}
