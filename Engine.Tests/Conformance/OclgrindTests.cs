using Engine.Tests.Children;

namespace Engine.Tests.Conformance;

/// <summary>The GPU kernels under a simulator that sees each access: out of bounds, races, barriers that part of a group misses, numbers
/// read before they are set.</summary>
public class OclgrindTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder()
    {
        if (!Oclgrind.IsHere) Assert.Ignore("oclgrind: not installed here (Debian: apt-get install oclgrind ocl-icd-opencl-dev); nothing was run under it.");
        folder = Directory.CreateTempSubdirectory("engine-oclgrind-").FullName;
    }

    [TearDown]
    public void RemoveFolder()
    {
        if (folder.Length > 0) Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void Kernels_AreClean()
    {
        string list = Path.Combine(folder, "cases");
        File.WriteAllLines(list, CaseRuns.PerEntryPoint().Select(c => c.Name));
        var result = ChildProcess.Run(Oclgrind.Environment(folder), TimeSpan.FromMinutes(8), "oclgrind", list);
        TestContext.Out.WriteLine(result.Output);
        Assert.That(result.ExitCode, Is.Zero, result.Output);
        Assert.That(Log(), Is.Empty);
    }

    [TestCase("out-of-bounds", "Invalid write of size 4 at global memory")]
    [TestCase("race", "race at local memory")]
    [TestCase("uninitialized", "Uninitialized value written")]
    public void Oclgrind_FindsAPlantedFault(string fault, string finding)
    {
        var result = ChildProcess.Run(Oclgrind.Environment(folder), TimeSpan.FromMinutes(2), "fault", fault);
        Assert.That(Log(), Does.Contain(finding), result.Output);
    }

    [Test]
    public void Oclgrind_FindsNothing_InTheSameKernelWithoutTheFault()
    {
        var result = ChildProcess.Run(Oclgrind.Environment(folder), TimeSpan.FromMinutes(2), "fault", "none");
        Assert.That(Log(), Is.Empty);
        Assert.That(result.ExitCode, Is.Zero, result.Output);
    }

    private string Log() => Oclgrind.Log(folder);
}
