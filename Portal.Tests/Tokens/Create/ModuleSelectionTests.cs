using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Create;

namespace Portal.Tests.Tokens.Create;

public sealed class ModuleSelectionTests
{
    [Fact]
    public void Set_PickedAndTakenBack_IsWhatIsContained()
    {
        var selection = new ModuleSelection();
        selection.Set("MD-0002", true);
        selection.Set("MD-0003", true);
        selection.Set("MD-0002", false);

        Assert.Equal(["MD-0003"], selection.Ids);
        Assert.Equal((false, true), (selection.Contains("MD-0002"), selection.Contains("MD-0003")));
    }

    [Fact]
    public void AllModules_OnAndOff_SinglePicksComeBack()
    {
        var selection = ModuleSelection.Of(new ModuleChoice(false, ["MD-0002"]));

        selection.AllModules = true;
        Assert.True(selection.Contains("MD-0018"));
        Assert.Equal(TestCatalog.Default.Modules.Count, selection.CountIn(TestCatalog.Default));

        selection.AllModules = false;
        Assert.False(selection.Contains("MD-0018"));
        Assert.Equal(1, selection.CountIn(TestCatalog.Default));
    }

    [Fact]
    public void CountIn_ModuleThatIsNotOffered_IsNotCounted() =>
        Assert.Equal(1, ModuleSelection.Of(new ModuleChoice(false, ["MD-0002", "MD-9999"])).CountIn(TestCatalog.Default));

    [Fact]
    public void ToChoice_AllModules_NamesNoneOfThem()
    {
        var selection = ModuleSelection.Of(new ModuleChoice(false, ["MD-0002"]));
        selection.AllModules = true;

        Assert.Equal(ModuleChoice.All, selection.ToChoice());
    }

    [Fact]
    public void ToChoice_SinglePicks_AreInOrder() =>
        Assert.Equal(["MD-0002", "MD-0003"], ModuleSelection.Of(new ModuleChoice(false, ["MD-0003", "MD-0002"])).ToChoice().ModuleIds);
}
