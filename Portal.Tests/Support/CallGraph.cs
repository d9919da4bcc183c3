using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Portal.Tests.Support;

/// <summary>Finds what methods of Portal call, by their compiled code, including that of asynchronous methods and lambdas.</summary>
internal sealed class CallGraph(Assembly assembly)
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    private readonly Dictionary<MethodBase, HashSet<MethodBase>> _calls = [];

    /// <summary>Whether the method, or any that it calls, calls one that meets the condition.</summary>
    public bool Reaches(MethodBase from, Func<MethodBase, bool> condition)
    {
        var seen = new HashSet<MethodBase> { from };
        var waiting = new Queue<MethodBase>(seen);
        while (waiting.TryDequeue(out var method))
            foreach (var called in CallsOf(method))
            {
                if (condition(called))
                    return true;
                if (seen.Add(called))
                    waiting.Enqueue(called);
            }

        return false;
    }

    private HashSet<MethodBase> CallsOf(MethodBase method)
    {
        if (_calls.TryGetValue(method, out var known))
            return known;
        var calls = _calls[method] = [];
        if (method.Module.Assembly != assembly)
            return calls;
        if (method.GetCustomAttribute<StateMachineAttribute>() is { StateMachineType: var machine })
            foreach (var step in machine.GetMethods(All).Where(step => step.Name == "MoveNext"))
                calls.Add(step);
        if (method.GetMethodBody()?.GetILAsByteArray() is { } code)
            Read(method, code, calls);
        return calls;
    }

    private static void Read(MethodBase method, byte[] code, HashSet<MethodBase> calls)
    {
        Type[]? ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null, ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            var value = code[at++] is var first && first == 0xFE ? (short)(0xFE00 | code[at++]) : first;
            var operand = Codes[value].OperandType;
            if (operand == OperandType.InlineMethod)
                calls.Add(Definition(method.Module.ResolveMethod(BitConverter.ToInt32(code, at), ofType, ofMethod)!));
            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static MethodBase Definition(MethodBase method)
    {
        if (method.DeclaringType is { IsConstructedGenericType: true } type)
            method = MethodBase.GetMethodFromHandle(method.MethodHandle, type.GetGenericTypeDefinition().TypeHandle) ?? method;
        return method is MethodInfo { IsConstructedGenericMethod: true } generic ? generic.GetGenericMethodDefinition() : method;
    }
}
