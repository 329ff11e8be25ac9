using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Spectre.Console;

namespace Engine.Examples;

/// <summary><c>examples -- devices</c>: what there is to compute on.</summary>
internal static class Devices
{
    public static Command Command()
    {
        var command = new Command("devices", "Lists the devices and what each can do");
        command.SetAction(_ => List());
        return command;
    }

    private static void List()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("name", "what it is", "computes", "tried");
        Add(table, "cpu", "every kernel, Float32");
        Add(table, "reference", "every kernel, double precision, slow");
        foreach (var (name, _) in GpuDevice.List()) Add(table, name, "every kernel, Float32");
        Add(table, "emulated", "every GPU kernel, in a debugger too, very slow");
        AnsiConsole.Write(table);
    }

    private static void Add(Table table, string name, string computes)
    {
        string what = "", tried;
        try
        {
            using var device = GpuDevice.Open(name);
            what = device.Description;
            tried = Tensor.From([1f, -2f], [2], device).Relu().ToArray() is [1, 0] ? "works" : "computes wrongly";
        }
        catch (DeviceException e)
        {
            tried = e.Message;
        }
        table.AddRow(name, Markup.Escape(what), computes, Markup.Escape(tried));
    }
}
