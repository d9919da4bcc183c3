using Portal.Audit;
using Portal.Catalog;
using Portal.Data;
using Portal.Localization;

namespace Portal.Tokens.Approvals;

/// <summary>Requests in the reader's language.</summary>
public sealed class ApprovalTexts(ModuleCatalog catalog)
{
    /// <summary>The rules that require approval, one sentence each.</summary>
    public IReadOnlyList<string> RulesOf(ApprovalRequest request) => ApprovalRules.Describe(ApprovalContent.ReadNeed(request.Reasons), catalog);

    /// <summary>The name of the change.</summary>
    /// <param name="kind">The code of its audit entry.</param>
    public static string ChangeOf(string kind) =>
        kind == AuditAction.TokenCreated ? Texts.Approval_Create
        : kind == TokenAction.Renew.AuditCode ? Texts.TokenAction_Renew
        : kind == TokenAction.Rotate.AuditCode ? Texts.TokenAction_Rotate
        : Texts.Token_Edit;

    /// <summary>The name of a state.</summary>
    public static string StateOf(ApprovalState state) => state switch
    {
        ApprovalState.Waiting => Texts.Approval_Waiting,
        ApprovalState.Approved => Texts.Approval_Approved,
        ApprovalState.Declined => Texts.Approval_Declined,
        ApprovalState.Withdrawn => Texts.Approval_Withdrawn,
        _ => Texts.Approval_Expired,
    };
}
